import { useQuery } from '@tanstack/react-query'
import { Button, Tag } from 'antd'
import { useState } from 'react'
import { useApiMutation } from '@/api/queries'
import { useMay } from '@/api/session'
import { formatMetric } from '@/base/format'
import { useText } from '@/base/text'
import type { Action } from '@/ui/actions'
import { DataTable, type Column } from '@/ui/DataTable'
import { useNotify } from '@/ui/notify'
import { Panel } from '@/ui/Page'
import { TimeText } from '@/ui/TimeText'
import { allTargets } from '../../alerts/queries'
import type { ServiceDetail } from '../queries'
import { AlarmDialog } from './AlarmDialog'
import { alarmList, deleteAlarm, type Alarm } from './queries'
import { text } from './text'

/** What is watched over this service, above its charts; where nothing is, it says so. */
export function AlarmsPanel({ service }: { service: ServiceDetail }) {
  const t = useText(text)
  const may = useMay()
  const [edited, setEdited] = useState<Alarm | 'new' | null>(null)
  const { data } = useQuery(alarmList(service.id))
  const columns = useColumns()
  const actions = useActions(setEdited)
  if (data === undefined) return null
  const allowed = may('serve:service:update')
  const dialog = <AlarmDialog service={service} alarm={edited} onClose={() => setEdited(null)} />
  if (data.items.length === 0) {
    return (
      <p className="sw-soft services-noalarm">
        {t('none')}{' '}
        {allowed ? (
          <Button type="link" size="small" onClick={() => setEdited('new')}>
            {t('none.link')}
          </Button>
        ) : null}
        {dialog}
      </p>
    )
  }
  return (
    <Panel
      title={t('title')}
      flush
      actions={
        <Button size="small" disabled={!allowed} onClick={() => setEdited('new')}>
          {t('new')}
        </Button>
      }
    >
      <DataTable
        label={t('title')}
        rows={data.items}
        rowKey={({ id }) => id}
        rowName={({ name }) => name}
        columns={columns}
        actions={actions}
      />
      {dialog}
    </Panel>
  )
}

function useActions(onEdit: (alarm: Alarm) => void) {
  const t = useText(text)
  const may = useMay()
  const notify = useNotify()
  const remove = useApiMutation(deleteAlarm, ['service'])
  const blocked = may('serve:service:update') ? null : t('mayNot')
  return (alarm: Alarm): Action[] => [
    { key: 'edit', label: t('edit'), blocked, run: () => onEdit(alarm) },
    {
      key: 'delete',
      label: t('delete'),
      danger: true,
      blocked,
      confirm: {
        title: t('delete.title', { name: alarm.name }),
        message: t('delete.message'),
        action: t('delete'),
        danger: true,
      },
      run: async () => {
        await remove.mutateAsync(alarm)
        notify.success(t('delete.done', { name: alarm.name }))
      },
    },
  ]
}

function useColumns(): Column<Alarm>[] {
  const t = useText(text)
  const may = useMay()
  const { data } = useQuery({ ...allTargets(), enabled: may('alert:target:list') })
  const names = new Map((data?.items ?? []).map(({ id, name }) => [id, name]))
  return [
    { key: 'name', title: t('name'), render: ({ name }) => name },
    {
      key: 'state',
      title: t('state'),
      render: ({ enabled, firing }) =>
        enabled ? (
          <Tag color={firing ? 'red' : 'green'}>{t(firing ? 'firing' : 'quiet')}</Tag>
        ) : (
          <Tag>{t('off')}</Tag>
        ),
    },
    {
      key: 'rule',
      title: t('rule'),
      render: ({ metric, comparison, threshold, minutes }) =>
        t('rule.words', { metric: t(`metric.${metric}`), comparison, threshold, minutes }),
    },
    {
      key: 'value',
      title: t('last'),
      align: 'right',
      render: ({ value }) => (
        <span className="sw-num">{value === null ? '–' : formatMetric(value)}</span>
      ),
    },
    { key: 'severity', title: t('severity'), render: ({ severity }) => t(`severity.${severity}`) },
    {
      key: 'targets',
      title: t('targets'),
      render: ({ targets }) =>
        targets.length === 0
          ? t('targets.none')
          : targets.map((id) => names.get(id) ?? id).join(', '),
    },
    { key: 'since', title: t('since'), render: ({ since }) => <TimeText value={since} /> },
  ]
}
