import { Form, Input } from 'antd'
import { useApiMutation } from '@/api/queries'
import { useText } from '@/base/text'
import { FormDialog } from '@/ui/FormDialog'
import { AmountFields, type Amounts } from './AmountFields'
import { GIB } from './amounts'
import { saveFlavour, TOUCHED, type Flavour, type GroupDetail } from './queries'
import { text } from './text'

interface Props {
  group: GroupDetail
  /** The one to change; null: a new one. */
  flavour: Flavour | null
  onClose: () => void
}

interface Values extends Amounts {
  name: string
}

const USUAL = { cpu_cores: 1, memory_bytes: 2 * GIB }
const NEW: Values = { name: '', ...USUAL, gpus: 0, gpu_model: null }

export function FlavourDialog({ group, flavour, onClose }: Props) {
  const t = useText(text)
  const save = useApiMutation(saveFlavour, TOUCHED)
  return (
    <FormDialog<Values>
      open
      title={t(flavour === null ? 'flavour.add' : 'flavour.change')}
      submitLabel={t('save')}
      initialValues={flavour ?? NEW}
      onSubmit={({ gpu_model, ...values }) =>
        save.mutateAsync({
          group: group.id,
          id: flavour?.id ?? null,
          ...values,
          gpu_model: gpu_model ?? null,
        })
      }
      onClose={onClose}
    >
      {() => (
        <>
          <Form.Item<Values>
            name="name"
            label={t('name')}
            rules={[{ required: true, whitespace: true, message: t('needed') }]}
          >
            <Input maxLength={60} placeholder={t('flavour.nameHint')} />
          </Form.Item>
          <AmountFields groupId={group.id} each usual={USUAL} />
        </>
      )}
    </FormDialog>
  )
}
