import { useQuery } from '@tanstack/react-query'
import type { FormInstance } from 'antd'
import { useNavigate, useSearchParams } from 'react-router'
import { formatBytes } from '@/base/format'
import { useApiMutation } from '@/api/queries'
import { useText } from '@/base/text'
import { ErrorState } from '@/ui/ErrorState'
import { FactsSkeleton, type Fact } from '@/ui/Facts'
import { FormPage } from '@/ui/FormPage'
import { useNotify } from '@/ui/notify'
import { Page, Panel } from '@/ui/Page'
import {
  createEnvironment,
  createVersion,
  environmentOptions,
  oneEnvironment,
  presetList,
  type EnvironmentDetail,
  type Preset,
} from '../queries'
import { text as shared } from '../text'
import { SourceStep } from './SourceStep'
import { text } from './text'
import { UseStep } from './UseStep'
import { FIRST, presetValues, toForm, valuesOf, type Values } from './values'

/**
 * `/environments/new?of=`: with an environment, its next version, filled in as that one is;
 * `?preset=`: filled in with a locked set of packages.
 */
export function NewEnvironmentPage() {
  const s = useText(shared)
  const [asked] = useSearchParams()
  const of = asked.get('of') ?? ''
  const preset = asked.get('preset')
  const query = useQuery({ ...oneEnvironment(of), enabled: of !== '' })
  const presets = useQuery({ ...presetList(), enabled: preset !== null })
  if (of === '') {
    if (preset === null) return <EnvironmentForm before={null} />
    if (presets.isPending) return <FactsSkeleton />
    const found = presets.data?.items.find(({ id }) => id === preset)
    return <EnvironmentForm before={null} preset={found} />
  }
  if (query.data !== undefined) return <EnvironmentForm before={query.data} />
  return (
    <Page title={s('newVersion')} back={{ to: '/environments', label: s('title') }}>
      <Panel>
        {query.error === null ? (
          <FactsSkeleton />
        ) : (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        )}
      </Panel>
    </Page>
  )
}

interface Props {
  before: EnvironmentDetail | null
  preset?: Preset | undefined
}

function EnvironmentForm({ before, preset }: Props) {
  const t = useText(text)
  const s = useText(shared)
  const navigate = useNavigate()
  const notify = useNotify()
  const save = useApiMutation(
    (values: Values) =>
      before === null
        ? createEnvironment({ ...toForm(values), name: values.name })
        : createVersion(before.id, toForm(values)),
    ['environment'],
  )
  const fresh =
    preset === undefined ? FIRST : { ...FIRST, ...presetValues(preset), name: preset.id }
  const submit = async (values: Values) => {
    const { id, name, version, state } = await save.mutateAsync(values)
    notify.success(t('made', { name, version }))
    void navigate(`/environments/${id}/${state === 'building' ? 'log' : 'overview'}`)
  }
  return (
    <FormPage<Values>
      title={before === null ? t('title') : t('titleNext', { name: before.name })}
      description={t('lead')}
      back={{ to: '/environments', label: s('title') }}
      initialValues={before === null ? fresh : valuesOf(before)}
      submitLabel={t('submit')}
      onSubmit={submit}
      summary={useSummary()}
      steps={[
        {
          key: 'source',
          title: t('step.source'),
          fields: [
            ...(before === null ? ['name'] : []),
            ...['kind', 'python', 'requirements', 'constraints', 'index_url', 'on_platform'],
            ...['image', 'user', 'password'],
          ],
          render: (form: FormInstance<Values>) => (
            <SourceStep form={form} named={before === null} />
          ),
        },
        {
          key: 'use',
          title: t('step.use'),
          fields: ['framework', 'modes', 'purposes', 'description', 'tags'],
          render: (form: FormInstance<Values>) => <UseStep form={form} />,
        },
      ]}
    />
  )
}

function useSummary(): (values: Partial<Values>) => Fact[] {
  const t = useText(text)
  const options = useQuery(environmentOptions()).data
  const none = <span className="sw-faint">{t('none')}</span>
  const given = (words: string | undefined) => (words === '' ? undefined : words)
  return ({ name, kind, python, requirements = '', image, framework }) => {
    const lines = requirements.split('\n').filter((line) => line.trim() !== '').length
    return [
      { key: 'name', label: t('name'), value: given(name) ?? none },
      ...(kind === 'image'
        ? [{ key: 'image', label: t('image'), value: image ? <code>{image}</code> : none }]
        : [
            {
              key: 'python',
              label: t('python'),
              value: given(python) ?? options?.own_python ?? none,
            },
            {
              key: 'requirements',
              label: t('requirements'),
              value: lines > 0 ? t('lines', { count: lines }) : none,
            },
          ]),
      { key: 'framework', label: t('framework'), value: framework ?? none },
      {
        key: 'free',
        label: t('free'),
        value: options === undefined ? none : formatBytes(options.free_bytes),
      },
    ]
  }
}
