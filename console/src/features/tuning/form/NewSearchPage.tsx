import { useQuery } from '@tanstack/react-query'
import { Skeleton, type FormInstance } from 'antd'
import { useNavigate, useSearchParams } from 'react-router'
import { useApiMutation } from '@/api/queries'
import { useText } from '@/base/text'
import { BasicsStep } from '@/features/training/form/BasicsStep'
import { ConfigurationStep } from '@/features/training/form/ConfigurationStep'
import { useSummary } from '@/features/training/form/summary'
import { formText } from '@/features/training/form/text'
import { copiedValues, TASK_STEPS, type Values } from '@/features/training/form/values'
import { oneTask, templateList, type Template } from '@/features/training/queries'
import { ErrorState } from '@/ui/ErrorState'
import { FormPage, type FormStep } from '@/ui/FormPage'
import { useNotify } from '@/ui/notify'
import { Page } from '@/ui/Page'
import { oneSearch, startSearch } from '../queries'
import { text } from '../text'
import { SearchStep } from './SearchStep'
import { copiedSearch, EMPTY_SEARCH, SEARCH, toSearchForm, type SearchValues } from './values'
import '@/features/training/training.css'
import '../tuning.css'

/** `?task=<task>` searches over that task's configuration; `?copy=<search>` begins as that search. */
export function NewSearchPage() {
  const t = useText(text)
  const [query] = useSearchParams()
  const taskId = query.get('task')
  const copyId = query.get('copy')
  const templates = useQuery(templateList())
  const task = useQuery({
    ...oneTask(taskId ?? ''),
    enabled: taskId !== null,
    refetchInterval: false,
  })
  const copied = useQuery({
    ...oneSearch(copyId ?? ''),
    enabled: copyId !== null,
    refetchInterval: false,
  })
  const asked = [templates, ...(taskId ? [task] : []), ...(copyId ? [copied] : [])]
  if (templates.data !== undefined && asked.every(({ data }) => data !== undefined)) {
    const initial = copied.data
      ? copiedSearch(copied.data)
      : task.data
        ? { ...copiedValues(task.data), ...SEARCH }
        : EMPTY_SEARCH
    return (
      <SearchFormPage key={query.toString()} initial={initial} templates={templates.data.items} />
    )
  }
  const error = asked.find((one) => one.error !== null)?.error ?? null
  return (
    <Page title={t('new')} back={{ to: '/searches', label: t('title') }}>
      {error === null ? (
        <Skeleton active paragraph={{ rows: 8 }} />
      ) : (
        <ErrorState error={error} onRetry={() => asked.forEach((one) => void one.refetch())} />
      )}
    </Page>
  )
}

function SearchFormPage(props: { initial: SearchValues; templates: readonly Template[] }) {
  const t = useText(text)
  const navigate = useNavigate()
  const notify = useNotify()
  const start = useApiMutation(startSearch, ['search', 'task'])
  const summary = useSummary(props.templates)
  const submit = async (values: SearchValues) => {
    const search = await start.mutateAsync(toSearchForm(values))
    notify.success(t('made', { name: search.name }))
    void navigate(`/searches/${search.id}`)
  }
  return (
    <FormPage<SearchValues>
      title={t('new')}
      description={t('lead')}
      back={{ to: '/searches', label: t('title') }}
      steps={useSteps(props.templates)}
      initialValues={props.initial}
      submitLabel={t('submit')}
      onSubmit={submit}
      summary={(values) => [
        ...summary(values),
        {
          key: 'space',
          label: t('what'),
          value: (values.space ?? []).map(({ name }) => name).join(', ') || null,
        },
        { key: 'trials', label: t('maxTrials'), value: String(values.max_trials ?? '') },
      ]}
    />
  )
}

function useSteps(templates: readonly Template[]): FormStep<SearchValues>[] {
  const t = useText(text)
  const f = useText(formText)
  return [
    {
      key: 'basics',
      title: f('step.basics'),
      fields: TASK_STEPS.basics,
      render: (form) => (
        <BasicsStep form={form as unknown as FormInstance<Values>} templates={templates} />
      ),
    },
    {
      key: 'configuration',
      title: f('step.configuration'),
      fields: TASK_STEPS.configuration,
      render: () => <ConfigurationStep />,
    },
    {
      key: 'search',
      title: t('step.search'),
      fields: [
        'space',
        'metric',
        'direction',
        'method',
        'max_trials',
        'parallel',
        'seed',
        'early_stopping',
        'max_failures',
      ],
      render: () => <SearchStep />,
    },
  ]
}
