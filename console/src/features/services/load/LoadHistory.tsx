import { useApiMutation } from '@/api/queries'
import { useMay } from '@/api/session'
import { formatMetric } from '@/base/format'
import { useText } from '@/base/text'
import type { Action } from '@/ui/actions'
import { DataTable, type Column } from '@/ui/DataTable'
import { useNotify } from '@/ui/notify'
import { Panel } from '@/ui/Page'
import { Duration } from '@/ui/Quantity'
import { StatusTag } from '@/ui/StatusTag'
import { TimeText } from '@/ui/TimeText'
import { deleteLoadTest, type LoadTest } from './queries'
import { bestStep } from './steps'
import { text } from './text'

interface Props {
  tests: LoadTest[]
  shown: string | null
  onShow: (test: LoadTest) => void
  onAgain: (test: LoadTest) => void
}

export function LoadHistory({ tests, shown, onShow, onAgain }: Props) {
  const t = useText(text)
  const may = useMay()
  const notify = useNotify()
  const remove = useApiMutation(deleteLoadTest, ['service'])
  const actions = (test: LoadTest): Action[] => [
    { key: 'show', label: t('show'), run: () => onShow(test) },
    { key: 'again', label: t('again'), run: () => onAgain(test) },
    {
      key: 'delete',
      label: t('delete'),
      danger: true,
      blocked: may('serve:service:call') ? test.blocked.delete : t('mayNot'),
      confirm: { title: t('delete.title'), message: t('delete.message'), action: t('delete') },
      run: async () => {
        await remove.mutateAsync(test)
        notify.success(t('delete.done'))
      },
    },
  ]
  return (
    <Panel title={t('history')} flush>
      <DataTable
        label={t('history')}
        rows={tests}
        rowKey={({ id }) => id}
        rowName={({ id }) => id}
        columns={useColumns(shown)}
        actions={actions}
      />
    </Panel>
  )
}

function useColumns(shown: string | null): Column<LoadTest>[] {
  const t = useText(text)
  return [
    {
      key: 'created',
      title: t('created'),
      render: ({ id, created_at }) =>
        id === shown ? (
          <strong>
            <TimeText value={created_at} absolute />
          </strong>
        ) : (
          <TimeText value={created_at} absolute />
        ),
    },
    { key: 'state', title: t('state'), render: ({ state }) => <StatusTag state={state} /> },
    {
      key: 'request',
      title: t('request'),
      render: ({ method, path }) => (
        <code>
          {method} {path}
        </code>
      ),
    },
    { key: 'callers', title: t('callers'), render: ({ planned }) => planned.join(', ') },
    {
      key: 'best',
      title: t('best'),
      render: ({ steps }) => {
        const best = bestStep(steps)
        return best === undefined
          ? '–'
          : t('bestOf', { rps: formatMetric(best.rps), callers: best.concurrency })
      },
    },
    {
      key: 'took',
      title: t('took'),
      align: 'right',
      render: ({ started_at, ended_at }) => (
        <Duration
          seconds={
            started_at === null || ended_at === null
              ? null
              : (Date.parse(ended_at) - Date.parse(started_at)) / 1000
          }
        />
      ),
    },
    { key: 'by', title: t('by'), render: ({ creator_name }) => creator_name },
  ]
}
