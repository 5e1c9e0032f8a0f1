import { DatabaseOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Alert, Button, Checkbox, Form, Input, Radio, Select } from 'antd'
import { useState } from 'react'
import { Link } from 'react-router'
import { useApiMutation } from '@/api/queries'
import { useMay } from '@/api/session'
import { useText } from '@/base/text'
import { EmptyState } from '@/ui/EmptyState'
import { FormDialog } from '@/ui/FormDialog'
import { datasetsOfPlayground } from './datasets'
import { exportAnswers, goodAnswers, type Exported, type RowForm } from './queries'
import { text } from './text'

interface Values {
  form: RowForm
  where: 'new' | 'old'
  name: string
  dataset_id?: string
}

/** Answers with a thumb up, to become rows of a dataset. */
export function GoodTab() {
  const t = useText(text)
  const may = useMay()
  const { data } = useQuery(goodAnswers())
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set())
  const [asking, setAsking] = useState(false)
  const [done, setDone] = useState<Exported | null>(null)
  if (data === undefined) return null
  if (data.length === 0) {
    return <EmptyState title={t('good.none')} hint={t('good.noneHint')} />
  }
  const chosen = data.filter(({ id }) => !left.has(id))
  const toggle = (id: string) => {
    const next = new Set(left)
    if (!next.delete(id)) next.add(id)
    setLeft(next)
  }
  const every = chosen.length === data.length
  return (
    <div className="sw-stack">
      <div className="sw-row playground-history-foot">
        <Checkbox
          checked={every}
          indeterminate={!every && chosen.length > 0}
          onChange={() => setLeft(every ? new Set(data.map(({ id }) => id)) : new Set())}
        >
          {t('good.count', { count: chosen.length })}
        </Checkbox>
        <Button
          type="primary"
          icon={<DatabaseOutlined aria-hidden />}
          disabled={chosen.length === 0 || !may('data:dataset:create')}
          onClick={() => setAsking(true)}
        >
          {t('good.export')}
        </Button>
      </div>
      {done === null ? null : (
        <Alert
          type="success"
          showIcon
          title={t('good.done', { count: done.rows, name: done.name })}
          action={<Link to={`/datasets/${done.dataset_id}`}>{t('good.toDataset')}</Link>}
        />
      )}
      <ul className="playground-good">
        {data.map(({ id, question, answer, service_name }) => (
          <li key={id}>
            <Checkbox
              checked={!left.has(id)}
              onChange={() => toggle(id)}
              aria-label={t('good.take', { question })}
            />
            <div>
              <strong>{question}</strong>
              <p>{answer}</p>
              <small className="sw-faint">{service_name}</small>
            </div>
          </li>
        ))}
      </ul>
      <ExportDialog
        open={asking}
        turns={chosen.map(({ id }) => id)}
        onDone={setDone}
        onClose={() => setAsking(false)}
      />
    </div>
  )
}

interface ExportProps {
  open: boolean
  turns: string[]
  onDone: (done: Exported) => void
  onClose: () => void
}

function ExportDialog({ open, turns, onDone, onClose }: ExportProps) {
  const t = useText(text)
  const known = useQuery({ ...datasetsOfPlayground(), enabled: open }).data ?? []
  const write = useApiMutation(exportAnswers, ['dataset'])
  const submit = async ({ form, where, name, dataset_id }: Values) => {
    const old = where === 'old' ? (dataset_id ?? null) : null
    const done = await write.mutateAsync({
      turn_ids: turns,
      form,
      name: old === null ? name : '',
      dataset_id: old,
    })
    onDone(done)
  }
  return (
    <FormDialog<Values>
      open={open}
      title={t('good.export')}
      submitLabel={t('good.doExport', { count: turns.length })}
      initialValues={{ form: 'conversation', where: 'new', name: 'playground-answers' }}
      onSubmit={submit}
      onClose={onClose}
    >
      {(form) => (
        <>
          <Form.Item<Values> name="form" label={t('good.form')}>
            <Radio.Group
              options={(['conversation', 'instruction', 'qa'] as const).map((value) => ({
                value,
                label: t(`good.form.${value}`),
              }))}
            />
          </Form.Item>
          <Form.Item<Values> name="where" label={t('good.where')}>
            <Radio.Group
              options={[
                { value: 'new', label: t('good.new') },
                { value: 'old', label: t('good.old'), disabled: known.length === 0 },
              ]}
            />
          </Form.Item>
          <Form.Item noStyle shouldUpdate={(a: Values, b: Values) => a.where !== b.where}>
            {() =>
              form.getFieldValue('where') === 'old' ? (
                <Form.Item<Values>
                  name="dataset_id"
                  label={t('good.dataset')}
                  rules={[{ required: true, message: t('good.choose') }]}
                >
                  <Select options={known.map(({ id, name }) => ({ value: id, label: name }))} />
                </Form.Item>
              ) : (
                <Form.Item<Values> name="name" label={t('name')} rules={[{ required: true }]}>
                  <Input maxLength={60} />
                </Form.Item>
              )
            }
          </Form.Item>
        </>
      )}
    </FormDialog>
  )
}
