import { Form, Input, Radio, Select } from 'antd'
import { useApiMutation } from '@/api/queries'
import { useText } from '@/base/text'
import { FormDialog } from '@/ui/FormDialog'
import { createKey, type Key, type NewKey } from './queries'
import { text } from './text'

const DAYS = [7, 30, 90, 365]
const FOREVER = 0

interface Values {
  name: string
  kind: Key['kind']
  days: number
}

interface Props {
  open: boolean
  onClose: () => void
  onMade: (key: NewKey) => void
}

export function KeyDialog({ open, onClose, onMade }: Props) {
  const t = useText(text)
  const create = useApiMutation(createKey, ['key'])
  const submit = async ({ name, kind, days }: Values) =>
    onMade(await create.mutateAsync({ name, kind, lasts_days: days === FOREVER ? null : days }))
  return (
    <FormDialog<Values>
      open={open}
      title={t('new')}
      submitLabel={t('create')}
      initialValues={{ kind: 'token', name: '', days: 90 }}
      onSubmit={submit}
      onClose={onClose}
    >
      {() => (
        <>
          <Form.Item name="name" label={t('name')} extra={t('name.hint')}>
            <Input autoFocus autoComplete="off" maxLength={60} />
          </Form.Item>
          <Form.Item name="kind" label={t('kind')}>
            <Radio.Group className="sw-choices">
              {(['token', 'access'] as const).map((kind) => (
                <Radio key={kind} value={kind}>
                  <span className="sw-menu-label">
                    {t(kind)}
                    <small className="sw-faint">{t(`${kind}.hint`)}</small>
                  </span>
                </Radio>
              ))}
            </Radio.Group>
          </Form.Item>
          <Form.Item name="days" label={t('lasts')}>
            <Select
              options={[
                ...DAYS.map((days) => ({ value: days, label: t('lasts.days', { count: days }) })),
                { value: FOREVER, label: t('lasts.forever') },
              ]}
            />
          </Form.Item>
        </>
      )}
    </FormDialog>
  )
}
