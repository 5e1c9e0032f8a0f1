import { useQuery } from '@tanstack/react-query'
import { useApiMutation } from '@/api/queries'
import { useMay } from '@/api/session'
import { useSentence } from '@/base/sentences'
import { useText } from '@/base/text'
import type { Action } from '@/ui/actions'
import { DataTable, type Column } from '@/ui/DataTable'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { useNotify } from '@/ui/notify'
import { Panel } from '@/ui/Page'
import { Duration } from '@/ui/Quantity'
import { TimeText } from '@/ui/TimeText'
import { Sentence } from '@/ui/Sentence'
import { rollBack, updateList, type ServiceDetail, type Update, type Version } from '../queries'
import { text } from '../text'
import { useVersion, VersionSelect } from '../versionChoice'

/** What was changed on a version, what became of it, and the way back. */
export function UpdatesTab({ service }: { service: ServiceDetail }) {
  const t = useText(text)
  const version = useVersion(service)
  return (
    <div className="sw-stack">
      <VersionSelect service={service} />
      {version === undefined ? (
        <Panel>
          <EmptyState title={t('update.none')} />
        </Panel>
      ) : (
        <Records service={service} version={version} />
      )}
    </div>
  )
}

function Records({ service, version }: { service: ServiceDetail; version: Version }) {
  const t = useText(text)
  const { data, error, refetch } = useQuery(updateList(service, version.id))
  const columns = useColumns()
  const actions = useRollback(version)
  if (error !== null) return <ErrorState error={error} onRetry={() => void refetch()} />
  return (
    <Panel flush>
      <DataTable
        label={t('tab.updates')}
        rows={data?.items ?? []}
        rowKey={({ id }) => id}
        rowName={({ revision }) => String(revision)}
        loading={data === undefined}
        columns={columns}
        actions={actions}
        expandedRow={(update) => <Changes update={update} />}
        empty={<EmptyState title={t('update.none')} />}
      />
    </Panel>
  )
}

function useRollback(version: Version): (update: Update) => Action[] {
  const t = useText(text)
  const may = useMay()
  const notify = useNotify()
  const back = useApiMutation((update: string) => rollBack(version.id, update), ['service'])
  return ({ id, revision }) => [
    {
      key: 'back',
      label: t('update.back'),
      blocked: may('serve:service:update') ? (version.blocked.rollback ?? null) : t('mayNot'),
      confirm: {
        title: t('update.back.title', { revision }),
        message: t('update.back.message'),
        action: t('update.back.action'),
      },
      run: async () => {
        await back.mutateAsync(id)
        notify.success(t('update.back.done', { revision }))
      },
    },
  ]
}

function useColumns(): Column<Update>[] {
  const t = useText(text)
  const say = useSentence()
  return [
    {
      key: 'revision',
      title: t('update.revision'),
      render: ({ revision }) => <span className="sw-num">{revision}</span>,
    },
    { key: 'kind', title: t('update.kind'), render: ({ kind }) => t(`update.${kind}`) },
    {
      key: 'result',
      title: t('update.result'),
      render: ({ result, reason }) => (
        <span
          className="services-level"
          data-tone={RESULT_TONES[result]}
          title={reason === '' ? undefined : say(reason)}
        >
          {t(`result.${result}`)}
        </span>
      ),
    },
    {
      key: 'changes',
      title: t('update.changes'),
      render: ({ changes }) => {
        const names = Object.keys(changes)
        return names.length === 0 ? (
          <span className="sw-faint">–</span>
        ) : (
          <code>{names.slice(0, 4).join(', ') + (names.length > 4 ? ' …' : '')}</code>
        )
      },
    },
    { key: 'by', title: t('update.by'), render: ({ actor }) => actor },
    {
      key: 'when',
      title: t('update.when'),
      render: ({ created_at }) => <TimeText value={created_at} absolute />,
    },
    {
      key: 'took',
      title: t('update.took'),
      align: 'right',
      render: ({ created_at, ended_at }) => (
        <Duration
          seconds={
            ended_at === null ? null : (Date.parse(ended_at) - Date.parse(created_at)) / 1000
          }
        />
      ),
    },
  ]
}

const RESULT_TONES: Record<Update['result'], string> = {
  running: 'busy',
  done: 'good',
  failed: 'bad',
  replaced: 'neutral',
  stopped: 'neutral',
}

function Changes({ update: { changes, reason } }: { update: Update }) {
  return (
    <div className="services-changes">
      {reason === '' ? null : (
        <p>
          <Sentence of={reason} />
        </p>
      )}
      {Object.entries(changes).map(([field, [before, after]]) => (
        <div key={field}>
          <code>{field}</code>
          <del>{shown(before)}</del>
          <ins>{shown(after)}</ins>
        </div>
      ))}
    </div>
  )
}

function shown(value: unknown): string {
  if (value === null || value === undefined || value === '') return '–'
  return typeof value === 'string' ? value : JSON.stringify(value)
}
