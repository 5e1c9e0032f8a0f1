import { DeleteOutlined, PlusOutlined } from '@ant-design/icons'
import { Button, Form, Input, InputNumber, Radio, type FormInstance } from 'antd'
import { useText } from '@/base/text'
import { KeyValueEditor } from '@/ui/KeyValueEditor'
import { text } from './text'
import { NEW_ROLE, type DeploymentMode, type Values } from './values'

const MODES: DeploymentMode[] = ['STANDARD', 'DIST', 'ROLE_SET']

interface Props {
  form: FormInstance<Values>
  /** A version keeps the mode of its service. */
  fixed: boolean
}

/** How many instances a replica has, and what each of them is. */
export function ModeFields({ form, fixed }: Props) {
  const t = useText(text)
  const mode = Form.useWatch('mode', { form, preserve: true }) as DeploymentMode | undefined
  return (
    <>
      <Form.Item name="mode" label={t('mode')} extra={t('mode.hint')} required>
        <Radio.Group className="sw-choices" disabled={fixed}>
          {MODES.map((value) => (
            <Radio key={value} value={value}>
              <span className="sw-menu-label">
                {t(`mode.${value}`)}
                <small className="sw-faint">{t(`mode.${value}.hint`)}</small>
              </span>
            </Radio>
          ))}
        </Radio.Group>
      </Form.Item>
      {mode === 'DIST' ? (
        <Form.Item
          name="instances"
          label={t('instances')}
          extra={t('instances.hint')}
          rules={[{ required: true, message: t('needed') }]}
        >
          <InputNumber<number> min={1} max={64} precision={0} />
        </Form.Item>
      ) : null}
      {mode === 'ROLE_SET' ? <RoleFields form={form} /> : null}
    </>
  )
}

function RoleFields({ form }: { form: FormInstance<Values> }) {
  const t = useText(text)
  const entry = Form.useWatch('entry', { form, preserve: true }) as number | undefined
  return (
    <Form.Item label={t('roles')} extra={t('roles.hint')} required>
      <Form.List name="roles">
        {(fields, { add, remove }) => (
          <div className="sw-stack services-roles">
            {fields.map(({ key, name }) => (
              <div key={key} className="services-role">
                <div className="services-role-head">
                  <Radio
                    checked={entry === name}
                    onChange={() => form.setFieldValue('entry', name)}
                  >
                    {t('role.entry')}
                  </Radio>
                  <Button
                    type="text"
                    disabled={fields.length === 1}
                    aria-label={t('role.remove', { number: name + 1 })}
                    icon={<DeleteOutlined aria-hidden />}
                    onClick={() => {
                      remove(name)
                      if (entry !== undefined && entry >= name) {
                        form.setFieldValue('entry', Math.max(0, entry - 1))
                      }
                    }}
                  />
                </div>
                <div className="scaling-numbers">
                  <Form.Item
                    name={[name, 'name']}
                    label={t('role.name')}
                    rules={[
                      { required: true, message: t('needed') },
                      { pattern: /^[a-z][a-z0-9-]{0,19}$/, message: t('role.name.bad') },
                    ]}
                  >
                    <Input autoComplete="off" placeholder="prefill" />
                  </Form.Item>
                  <Numeric at={name} field="instances" label={t('instances')} min={1} whole />
                  <Numeric at={name} field="cpu_cores" label={t('cpu')} min={0.1} />
                  <Numeric at={name} field="memory_gib" label={t('role.memory')} min={0.1} />
                  <Numeric at={name} field="gpus" label={t('gpus')} min={0} />
                </div>
                <Form.Item
                  name={[name, 'command']}
                  label={t('command')}
                  rules={[{ required: true, whitespace: true, message: t('needed') }]}
                >
                  <Input.TextArea className="sw-mono" autoSize={{ minRows: 1, maxRows: 6 }} />
                </Form.Item>
                <Form.Item name={[name, 'env']} label={t('env')}>
                  <KeyValueEditor />
                </Form.Item>
              </div>
            ))}
            <Button
              size="small"
              icon={<PlusOutlined aria-hidden />}
              onClick={() => add({ ...NEW_ROLE, memory_gib: 1 })}
            >
              {t('role.add')}
            </Button>
          </div>
        )}
      </Form.List>
    </Form.Item>
  )
}

interface NumericProps {
  at: number
  field: string
  label: string
  min: number
  whole?: boolean
}

function Numeric({ at, field, label, min, whole = false }: NumericProps) {
  const t = useText(text)
  return (
    <Form.Item name={[at, field]} label={label} rules={[{ required: true, message: t('needed') }]}>
      <InputNumber<number> min={min} {...(whole ? { precision: 0, max: 64 } : {})} />
    </Form.Item>
  )
}
