import { useQuery } from '@tanstack/react-query'
import type { FormInstance } from 'antd'
import { useNavigate, useSearchParams } from 'react-router'
import { useApiMutation } from '@/api/queries'
import { useText } from '@/base/text'
import '@/features/datasets/datasets.css'
import type { Fact } from '@/ui/Facts'
import { FormPage } from '@/ui/FormPage'
import { useNotify } from '@/ui/notify'
import '../models.css'
import { importModel, oneModel, publishTask, taskChoices } from '../queries'
import { text as shared } from '../text'
import { ModelStep } from './ModelStep'
import { SourceStep } from './SourceStep'
import { text } from './text'
import { FIRST, toImportForm, toPublishForm, type Values } from './values'

/** `/models/new?task=&source=&model=`: links from elsewhere may fill in what they know. */
export function ImportPage() {
  const t = useText(text)
  const s = useText(shared)
  const navigate = useNavigate()
  const notify = useNotify()
  const save = useApiMutation(
    (values: Values) =>
      values.origin === 'task'
        ? publishTask(values.task_id ?? '', toPublishForm(values))
        : importModel(toImportForm(values)),
    ['model', 'model_version'],
  )
  const submit = async (values: Values) => {
    const { id, model_name: name, version } = await save.mutateAsync(values)
    notify.success(t('made', { name, version }))
    void navigate(`/models/versions/${id}`)
  }
  return (
    <FormPage<Values>
      title={t('title')}
      back={{ to: '/models', label: s('title') }}
      initialValues={useFirstValues()}
      submitLabel={t('submit')}
      onSubmit={submit}
      summary={useSummary()}
      steps={[
        {
          key: 'source',
          title: t('step.source'),
          fields: ['origin', 'task_id', 'source', 'move', 'format', 'environment'],
          render: (form: FormInstance<Values>) => <SourceStep form={form} />,
        },
        {
          key: 'model',
          title: t('step.model'),
          fields: ['target', 'name', 'model_id', 'metrics', 'save_root', 'description', 'tags'],
          render: (form: FormInstance<Values>) => <ModelStep form={form} />,
        },
      ]}
    />
  )
}

function useFirstValues(): Values {
  const [query] = useSearchParams()
  const source = query.get('source') ?? ''
  const model = query.get('model')
  return {
    ...FIRST,
    origin: source === '' ? 'task' : 'storage',
    task_id: query.get('task') ?? undefined,
    source,
    target: model === null ? 'new' : 'version',
    model_id: model ?? undefined,
  }
}

function useSummary(): (values: Partial<Values>) => Fact[] {
  const t = useText(text)
  const tasks = useQuery(taskChoices('')).data?.items ?? []
  const none = <span className="sw-faint">{t('none')}</span>
  return ({ origin, task_id: taskId, source, format, target, name, model_id: modelId }) => {
    const task = tasks.find(({ id }) => id === taskId)?.name ?? taskId
    return [
      origin === 'task'
        ? { key: 'task', label: t('task'), value: task ?? none }
        : { key: 'source', label: t('source'), value: source ? <code>{source}</code> : none },
      { key: 'format', label: t('format'), value: format },
      {
        key: 'model',
        label: t('model'),
        value:
          target === 'new' ? name ? `${name} v1` : none : modelId ? <NextOf id={modelId} /> : none,
      },
    ]
  }
}

function NextOf({ id }: { id: string }) {
  const t = useText(text)
  const model = useQuery(oneModel(id)).data
  return t('next', { name: model?.name ?? id })
}
