import { PlusOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useApiMutation } from '@/api/queries'
import { useMay } from '@/api/session'
import { formatBytes } from '@/base/format'
import { useText } from '@/base/text'
import { ActionButton } from '@/ui/actions'
import { DataTable } from '@/ui/DataTable'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { Panel } from '@/ui/Page'
import { tidy } from '../amounts'
import { FlavourDialog } from '../FlavourDialog'
import { deleteFlavour, flavourList, TOUCHED, type Flavour, type GroupDetail } from '../queries'
import { text } from '../text'

/** Sizes of an instance that tasks of the group may ask for by name (TRN-06). */
export function FlavoursTab({ group }: { group: GroupDetail }) {
  const t = useText(text)
  const may = useMay()('compute:flavour:set')
  const { data, error, refetch } = useQuery(flavourList(group.id))
  const [edited, setEdited] = useState<Flavour | 'new' | null>(null)
  const remove = useApiMutation(deleteFlavour, TOUCHED)
  const blocked = may ? null : t('mayNotChange')
  const add = {
    key: 'add',
    label: t('flavour.add'),
    icon: <PlusOutlined aria-hidden />,
    blocked,
    run: () => setEdited('new'),
  }
  const number = (value: number) => <span className="sw-num">{tidy(value)}</span>
  return (
    <Panel flush title={t('tab.flavours')} actions={<ActionButton action={add} />}>
      {error === null ? null : <ErrorState error={error} onRetry={() => void refetch()} />}
      <DataTable<Flavour>
        label={t('tab.flavours')}
        rows={data?.items ?? []}
        rowKey={({ id }) => id}
        rowName={({ name }) => name}
        loading={data === undefined && error === null}
        columns={[
          { key: 'name', title: t('name'), render: ({ name }) => name },
          {
            key: 'cpu',
            title: t('cpu'),
            align: 'right',
            render: ({ cpu_cores }) => (cpu_cores > 0 ? number(cpu_cores) : t('flavour.byCards')),
          },
          {
            key: 'memory',
            title: t('memory'),
            align: 'right',
            render: ({ memory_bytes }) =>
              memory_bytes > 0 ? formatBytes(memory_bytes) : t('flavour.byCards'),
          },
          { key: 'gpus', title: t('gpu'), align: 'right', render: ({ gpus }) => number(gpus) },
          {
            key: 'model',
            title: t('quota.card'),
            render: ({ gpus, gpu_model }) => gpu_model ?? (gpus > 0 ? t('ask.anyModel') : null),
          },
          {
            key: 'fit',
            title: t('flavour.fit'),
            align: 'right',
            render: ({ free_instances }) => number(free_instances),
          },
        ]}
        actions={(flavour) => [
          { key: 'edit', label: t('edit'), blocked, run: () => setEdited(flavour) },
          {
            key: 'delete',
            label: t('delete'),
            danger: true,
            blocked,
            confirm: {
              title: t('flavour.delete', { name: flavour.name }),
              message: t('flavour.deleteHint'),
              action: t('delete'),
              danger: true,
            },
            run: () => remove.mutateAsync({ group: group.id, id: flavour.id }),
          },
        ]}
        empty={<EmptyState title={t('flavour.empty')} hint={t('flavour.emptyHint')} />}
      />
      {edited === null ? null : (
        <FlavourDialog
          group={group}
          flavour={edited === 'new' ? null : edited}
          onClose={() => setEdited(null)}
        />
      )}
    </Panel>
  )
}
