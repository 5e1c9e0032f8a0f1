import { useQuery } from '@tanstack/react-query'
import { Skeleton } from 'antd'
import { useNavigate, useSearchParams } from 'react-router'
import { useApiMutation } from '@/api/queries'
import { useText } from '@/base/text'
import { ErrorState } from '@/ui/ErrorState'
import { FormPage, type FormStep } from '@/ui/FormPage'
import { useNotify } from '@/ui/notify'
import { Page } from '@/ui/Page'
import { createTask, oneTask, templateList, type Template } from '../queries'
import { text } from '../text'
import '../training.css'
import { BasicsStep } from './BasicsStep'
import { ConfigurationStep } from './ConfigurationStep'
import { useSummary } from './summary'
import { formText } from './text'
import {
  copiedValues,
  EMPTY,
  emptyMount,
  TASK_STEPS,
  templateValues,
  toForm,
  type Values,
} from './values'

/** `?copy=<task>`, `?template=<id>`, `?dataset=<id>`, `?model=<version>` fill the form beforehand. */
export function NewTaskPage() {
  const t = useText(text)
  const [query] = useSearchParams()
  const copyId = query.get('copy')
  const templates = useQuery(templateList())
  const copied = useQuery({
    ...oneTask(copyId ?? ''),
    enabled: copyId !== null,
    refetchInterval: false,
  })
  const error = templates.error ?? copied.error
  const waits = templates.data === undefined || (copyId !== null && copied.data === undefined)
  if (!waits) {
    const initial = copied.data
      ? copiedValues(copied.data)
      : startValues(query, templates.data.items)
    return (
      <TaskFormPage
        key={query.toString()}
        initial={initial}
        templates={templates.data.items}
        copyOf={copied.data?.name ?? null}
      />
    )
  }
  return (
    <Page title={t('new')} back={{ to: '/training', label: t('title') }}>
      {error === null ? (
        <Skeleton active paragraph={{ rows: 8 }} />
      ) : (
        <ErrorState error={error} onRetry={() => void (copied.refetch(), templates.refetch())} />
      )}
    </Page>
  )
}

interface Props {
  initial: Values
  templates: readonly Template[]
  copyOf: string | null
}

function TaskFormPage({ initial, templates, copyOf }: Props) {
  const t = useText(text)
  const f = useText(formText)
  const navigate = useNavigate()
  const notify = useNotify()
  const create = useApiMutation(createTask, ['task', 'queue', 'resource-group'])
  const submit = async (values: Values) => {
    const task = await create.mutateAsync(toForm(values))
    notify.success(f('made', { name: task.name }))
    void navigate(`/training/${task.id}`)
  }
  return (
    <FormPage<Values>
      title={copyOf === null ? t('new') : f('copyOf', { name: copyOf })}
      back={{ to: '/training', label: t('title') }}
      steps={useSteps(templates)}
      initialValues={initial}
      submitLabel={f('submit')}
      onSubmit={submit}
      summary={useSummary(templates)}
    />
  )
}

function useSteps(templates: readonly Template[]): FormStep<Values>[] {
  const f = useText(formText)
  return [
    {
      key: 'basics',
      title: f('step.basics'),
      fields: TASK_STEPS.basics,
      render: (form) => <BasicsStep form={form} templates={templates} />,
    },
    {
      key: 'configuration',
      title: f('step.configuration'),
      fields: TASK_STEPS.configuration,
      render: () => <ConfigurationStep />,
    },
  ]
}

function startValues(query: URLSearchParams, templates: readonly Template[]): Values {
  const template = templates.find(({ id }) => id === query.get('template'))
  const start: Values = template
    ? { ...EMPTY, template: template.id, ...templateValues(template, []) }
    : EMPTY
  const wanted = [
    { kind: 'dataset', purpose: 'training_data', source: query.get('dataset') },
    { kind: 'model', purpose: 'own_model', source: query.get('model') },
  ] as const
  const given = wanted.flatMap(({ kind, purpose, source }) =>
    source === null
      ? []
      : [
          {
            ...emptyMount(kind, purpose),
            source,
            version: kind === 'dataset' ? query.get('version') : null,
          },
        ],
  )
  const kept = start.mounts.filter(({ kind }) => given.every((mount) => mount.kind !== kind))
  return { ...start, mounts: [...given, ...kept] }
}
