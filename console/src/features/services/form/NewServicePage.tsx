import { useQuery } from '@tanstack/react-query'
import { Skeleton } from 'antd'
import { useState } from 'react'
import { useNavigate, useSearchParams } from 'react-router'
import { useApiMutation } from '@/api/queries'
import { useText } from '@/base/text'
import { oneModelVersion } from '@/features/training/sources'
import { FormPage } from '@/ui/FormPage'
import { useNotify } from '@/ui/notify'
import { MadeKeyDialog } from '../MadeKeyDialog'
import { createService, type NewKey } from '../queries'
import '../services.css'
import { useSteps, useSummary } from './steps'
import { text } from './text'
import { freshValues, runtimeFor, serviceForm, type Values } from './values'

/**
 * A new service; `?version=mv-…` brings a model version along, `?folder=` a folder with a model, and
 * `?checkpoint=` one of a language model.
 */
export function NewServicePage() {
  const [query] = useSearchParams()
  const version = query.get('version') ?? ''
  const known = useQuery({ ...oneModelVersion(version), enabled: version !== '' })
  if (version !== '' && known.isPending) return <Skeleton active paragraph={{ rows: 8 }} />
  const checkpoint = query.get('checkpoint')
  const folder = query.get('folder') ?? checkpoint
  const start: Values =
    folder === null
      ? freshValues()
      : {
          ...freshValues(),
          model: { kind: 'storage', ref: folder },
          runtime: checkpoint === null ? 'package' : 'llm',
        }
  if (known.data === undefined) return <NewService start={start} />
  const { id, model_name } = known.data
  const named = model_name.slice(0, 60)
  const model = { kind: 'registry' as const, ref: id }
  const { environment } = known.data
  return (
    <NewService
      start={{
        ...start,
        name: named,
        model,
        runtime: runtimeFor(known.data),
        environment: environment.startsWith('env-') ? environment : '',
      }}
    />
  )
}

function NewService({ start }: { start: Values }) {
  const t = useText(text)
  const notify = useNotify()
  const navigate = useNavigate()
  const [made, setMade] = useState<NewKey | null>(null)
  const create = useApiMutation(createService, ['service', 'queue', 'resource-group'])
  const submit = async (values: Values) => {
    const service = await create.mutateAsync(serviceForm(values))
    notify.success(t('created', { name: service.name }))
    if (service.key == null) await navigate(`/services/${service.id}`)
    else setMade(service.key)
  }
  return (
    <>
      <FormPage<Values>
        title={t('title')}
        description={t('lead')}
        back={{ to: '/services', label: t('back') }}
        steps={useSteps(true)}
        initialValues={start}
        submitLabel={t('create')}
        onSubmit={submit}
        summary={useSummary(true)}
      />
      <MadeKeyDialog
        made={made}
        onClose={() => void navigate(`/services/${made?.service_id ?? ''}`)}
      />
    </>
  )
}
