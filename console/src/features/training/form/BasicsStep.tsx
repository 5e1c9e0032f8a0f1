import { useQuery } from '@tanstack/react-query'
import { Form, Input, Select, type FormInstance } from 'antd'
import { systemQuery } from '@/api/session'
import { useText } from '@/base/text'
import { KeyValueEditor } from '@/ui/KeyValueEditor'
import { Sentence } from '@/ui/Sentence'
import { EnvironmentSelect } from '../../environments/EnvironmentSelect'
import { environmentList, type Environment, type Template } from '../queries'
import { text } from '../text'
import { ResourceFields } from './ResourceFields'
import { TemplateField } from './TemplateField'
import { modeWords } from './modeWords'
import { formText } from './text'
import { isByRole, NAME_MAX, NAME_RULE, startRoles, type Values } from './values'

interface Props {
  form: FormInstance<Values>
  templates: readonly Template[]
}

/** What runs, how it is called, in what, and on what. */
export function BasicsStep({ form, templates }: Props) {
  const t = useText(text)
  const f = useText(formText)
  const site = useQuery(systemQuery).data?.site
  return (
    <>
      <Form.Item label={t('site')} extra={f('siteHint')} required>
        <span data-testid="site">{site}</span>
      </Form.Item>
      <Form.Item<Values> name="template" label={f('what')} required>
        <TemplateField form={form} templates={templates} />
      </Form.Item>
      <Form.Item<Values>
        name="name"
        label={t('name')}
        extra={f('nameRule')}
        rules={[
          { required: true, message: t('needed') },
          { pattern: NAME_RULE, message: f('nameRule') },
        ]}
      >
        <Input autoComplete="off" maxLength={NAME_MAX} className="training-narrow" />
      </Form.Item>
      <Form.Item<Values> name="description" label={t('description')} className="training-counted">
        <Input.TextArea maxLength={500} showCount autoSize={{ minRows: 1, maxRows: 6 }} />
      </Form.Item>
      <Form.Item<Values> name="tags" label={t('tags')} extra={f('tagsHint')}>
        <KeyValueEditor max={50} />
      </Form.Item>
      <EnvironmentFields form={form} />
      <ResourceFields />
    </>
  )
}

function EnvironmentFields({ form }: { form: FormInstance<Values> }) {
  const t = useText(text)
  const f = useText(formText)
  const { data, isPending } = useQuery(environmentList())
  const chosen = Form.useWatch('environment', form)
  const environments = data?.items ?? []
  const offers = environments.find(({ id }) => id === chosen)
  const settleRoles = (mode: string) => {
    const known = form.getFieldValue('roles') as Values['roles'] | undefined
    const first = isByRole(mode) ? startRoles(mode) : []
    if (known?.[0]?.name !== first[0]?.name) form.setFieldValue('roles', first)
  }
  const settleMode = (id: string) => {
    const offered = environments.find((one) => one.id === id)?.modes ?? []
    const now = form.getFieldValue('mode') as string
    if (offered.includes(now)) return
    form.setFieldValue('mode', offered[0] ?? 'single')
    settleRoles(offered[0] ?? 'single')
  }
  return (
    <div className="training-fields">
      <Form.Item<Values>
        name="environment"
        label={t('environment')}
        rules={[{ required: true, message: t('needed') }]}
      >
        <EnvironmentSelect
          loading={isPending}
          onChange={settleMode}
          options={environments.map(environmentOption)}
        />
      </Form.Item>
      <Form.Item<Values> name="mode" label={t('mode')} extra={f('modeHint')} required>
        <Select
          onChange={settleRoles}
          options={(offers?.modes ?? []).map((mode) => {
            const missing = offers?.unavailable_modes[mode]
            return {
              value: mode,
              label: modeWords(mode, f),
              hint: missing ?? null,
              disabled: missing !== undefined,
            }
          })}
          optionRender={({ data: { label, hint } }) => (
            <span className="sw-menu-label">
              {label}
              {hint === null ? null : (
                <small className="sw-faint">
                  <Sentence of={hint} />
                </small>
              )}
            </span>
          )}
        />
      </Form.Item>
    </div>
  )
}

function environmentOption({ id, name, unavailable }: Environment) {
  return { value: id, label: name, hint: unavailable ?? id, disabled: unavailable !== null }
}
