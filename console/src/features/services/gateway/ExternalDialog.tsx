import { Form, Input } from 'antd'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { useApiMutation } from '@/api/queries'
import type { Schema } from '@/api/types'
import { useText } from '@/base/text'
import { FormDialog } from '@/ui/FormDialog'
import { MadeKeyDialog } from '../MadeKeyDialog'
import type { NewKey } from '../queries'
import { createExternal } from './queries'
import { text } from './text'
import { UpstreamFields } from './UpstreamDialog'

type Values = Schema<'ExternalServiceForm'>

/** A provider's model as a service of its own; its first key is shown once. */
export function ExternalDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const t = useText(text)
  const navigate = useNavigate()
  const create = useApiMutation(createExternal, ['service'])
  const [made, setMade] = useState<NewKey | null>(null)
  const submit = async (values: Values) => {
    const { key } = await create.mutateAsync({ ...values, weight: 100 })
    setMade(key)
  }
  return (
    <>
      <FormDialog<Values>
        open={open}
        title={t('external.title')}
        submitLabel={t('external.submit')}
        initialValues={{ name: '', url: '', model: '', key: '', served_name: '', weight: 100 }}
        onSubmit={submit}
        onClose={onClose}
      >
        {() => (
          <>
            <UpstreamFields name={t('external.name')} kept={false} />
            <Form.Item
              name="served_name"
              label={t('external.served')}
              extra={t('external.servedHint')}
            >
              <Input autoComplete="off" maxLength={200} />
            </Form.Item>
          </>
        )}
      </FormDialog>
      <MadeKeyDialog
        made={made}
        onClose={() => {
          if (made !== null) void navigate(`/services/${made.service_id}`)
          setMade(null)
        }}
      />
    </>
  )
}
