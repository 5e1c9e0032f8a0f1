import { useQuery } from '@tanstack/react-query'
import { Skeleton } from 'antd'
import { useNavigate, useParams, useSearchParams } from 'react-router'
import { useApiMutation } from '@/api/queries'
import { useText } from '@/base/text'
import { ErrorState } from '@/ui/ErrorState'
import { FormPage } from '@/ui/FormPage'
import { useNotify } from '@/ui/notify'
import {
  addVersion,
  oneService,
  updateVersion,
  type ServiceDetail,
  type Version,
  type VersionForm,
} from '../queries'
import '../services.css'
import { useSteps, useSummary } from './steps'
import { text } from './text'
import { freshValues, updateForm, valuesOf, versionForm, type Update, type Values } from './values'

/** One more version of a service, beginning with what its newest has. */
export function AddVersionPage() {
  const { id = '' } = useParams()
  const { data, error } = useQuery(oneService(id))
  if (error !== null) return <ErrorState error={error} />
  if (data === undefined) return <Skeleton active paragraph={{ rows: 8 }} />
  return <AddVersion service={data} />
}

function AddVersion({ service }: { service: ServiceDetail }) {
  const t = useText(text)
  const notify = useNotify()
  const navigate = useNavigate()
  const newest = service.items.toSorted((a, b) => b.number - a.number)[0]
  const add = useApiMutation((body: VersionForm) => addVersion(service.id, body), ['service'])
  const submit = async (values: Values) => {
    const made = await add.mutateAsync(versionForm(values))
    notify.success(t('added', { name: made.name }))
    await navigate(`/services/${service.id}`)
  }
  return (
    <FormPage<Values>
      title={t('add.title', { name: service.name })}
      description={t('add.lead')}
      back={{ to: `/services/${service.id}`, label: service.name }}
      steps={useSteps(false)}
      initialValues={
        newest === undefined ? freshValues() : { ...valuesOf(newest), description: '', replicas: 1 }
      }
      submitLabel={t('add')}
      onSubmit={submit}
      summary={useSummary(false)}
    />
  )
}

/** `?version=` says which. */
export function UpdateVersionPage() {
  const { id = '' } = useParams()
  const [query] = useSearchParams()
  const { data, error } = useQuery(oneService(id))
  if (error !== null) return <ErrorState error={error} />
  const version = data?.items.find((one) => one.id === query.get('version')) ?? data?.items[0]
  if (data === undefined || version === undefined) {
    return <Skeleton active paragraph={{ rows: 8 }} />
  }
  return <UpdateVersion service={data} version={version} />
}

function UpdateVersion({ service, version }: { service: ServiceDetail; version: Version }) {
  const t = useText(text)
  const notify = useNotify()
  const navigate = useNavigate()
  const update = useApiMutation((body: Update) => updateVersion(version.id, body), ['service'])
  const submit = async (values: Values) => {
    const body = updateForm(values, version)
    const nothing = Object.keys(body).length === 0
    if (!nothing) await update.mutateAsync(body)
    notify.success(nothing ? t('updated.nothing') : t('updated', { name: version.name }))
    await navigate(`/services/${service.id}`)
  }
  return (
    <FormPage<Values>
      title={t('update.title', { name: service.name, version: version.name })}
      description={t('update.lead')}
      back={{ to: `/services/${service.id}`, label: service.name }}
      steps={useSteps(false, true)}
      initialValues={valuesOf(version)}
      submitLabel={t('update')}
      onSubmit={submit}
      summary={useSummary(false)}
    />
  )
}
