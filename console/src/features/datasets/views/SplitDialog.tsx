import { DeleteOutlined, PlusOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Button, Form, Input, InputNumber, Select } from 'antd'
import { useApiMutation } from '@/api/queries'
import { useText } from '@/base/text'
import { FormDialog } from '@/ui/FormDialog'
import { useNotify } from '@/ui/notify'
import { KINDS } from '../kinds'
import { oneVersion, type Dataset } from '../queries'
import { createSplit } from './queries'
import { text } from './text'

interface Values {
  parts: { name: string; ratio: number }[]
  stratify: string
  group: string
  seed: number
  query: string
}

interface Props {
  dataset: Dataset
  number: number
  open: boolean
  onClose: () => void
}

export function SplitDialog({ dataset, number, open, onClose }: Props) {
  const t = useText(text)
  const notify = useNotify()
  const create = useApiMutation(createSplit, ['dataset'])
  const fields = useFields(dataset, number)
  const nothing = { value: '', label: t('nothing') }
  const labelled = KINDS[dataset.kind].labelFormats.length > 1
  const submit = async ({ stratify, group, ...rest }: Values) => {
    const body = { ...rest, stratify: stratify || null, group: group || null }
    await create.mutateAsync({ id: dataset.id, number, body })
    notify.success(t('started'))
  }
  return (
    <FormDialog<Values>
      open={open}
      title={`${t('split')}: v${number}`}
      submitLabel={t('split')}
      initialValues={{
        parts: [
          { name: 'train', ratio: 80 },
          { name: 'validation', ratio: 10 },
          { name: 'test', ratio: 10 },
        ],
        stratify: labelled ? 'label' : '',
        group: '',
        seed: 0,
        query: '',
      }}
      onSubmit={submit}
      onClose={onClose}
    >
      {() => (
        <>
          <Form.Item label={t('parts')} required>
            <Parts />
          </Form.Item>
          <Form.Item name="stratify" label={t('stratify')} extra={t('stratifyHint')}>
            <Select
              showSearch
              options={[
                nothing,
                ...(labelled ? [{ value: 'label', label: t('labels') }] : []),
                ...fields,
              ]}
            />
          </Form.Item>
          <Form.Item name="group" label={t('group')} extra={t('groupHint')}>
            <Select showSearch options={[nothing, ...fields]} />
          </Form.Item>
          <Form.Item name="query" label={t('query')}>
            <Input maxLength={4000} />
          </Form.Item>
          <Form.Item name="seed" label={t('seed')} extra={t('seedHint')}>
            <InputNumber min={0} max={2 ** 31} precision={0} />
          </Form.Item>
        </>
      )}
    </FormDialog>
  )
}

function useFields(dataset: Dataset, number: number) {
  const statistics = useQuery(oneVersion(dataset.id, number)).data?.statistics
  const names = [...(statistics?.fields ?? []), ...(statistics?.columns ?? [])]
  return names.map(({ name }) => ({ value: name, label: name }))
}

function Parts() {
  const t = useText(text)
  const needed = [{ required: true, message: t('required') }]
  return (
    <Form.List name="parts">
      {(items, { add, remove }) => (
        <div className="datasets-parts">
          {items.map(({ key, name }) => (
            <div key={key}>
              <Form.Item name={[name, 'name']} rules={needed} noStyle>
                <Input aria-label={`${t('part')} ${name + 1}`} maxLength={40} />
              </Form.Item>
              <Form.Item name={[name, 'ratio']} rules={needed} noStyle>
                <InputNumber aria-label={`${t('ratio')} ${name + 1}`} min={0.001} suffix="%" />
              </Form.Item>
              <Button
                type="text"
                icon={<DeleteOutlined aria-hidden />}
                aria-label={`${t('delete')} ${name + 1}`}
                disabled={items.length <= 2}
                onClick={() => remove(name)}
              />
            </div>
          ))}
          <Button
            type="dashed"
            icon={<PlusOutlined aria-hidden />}
            disabled={items.length >= 10}
            onClick={() => add({ name: '', ratio: 10 })}
          >
            {t('addPart')}
          </Button>
        </div>
      )}
    </Form.List>
  )
}
