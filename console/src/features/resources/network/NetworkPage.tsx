import { DeploymentUnitOutlined, PlusOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useApiMutation } from '@/api/queries'
import { useMay } from '@/api/session'
import { useText } from '@/base/text'
import { ActionButton, type Action } from '@/ui/actions'
import { DataTable, type Column } from '@/ui/DataTable'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { useNotify } from '@/ui/notify'
import { Page, Panel } from '@/ui/Page'
import { TimeText } from '@/ui/TimeText'
import { text as resourcesText } from '../text'
import { ProfileDialog, type Editing } from './ProfileDialog'
import { deleteProfile, profileList, type Profile } from './queries'
import { text } from './text'

/** `/resources/network`: variables of fast networks, by card model (TRN-61). */
export function NetworkPage() {
  const t = useText(text)
  const r = useText(resourcesText)
  const { data, error, refetch } = useQuery(profileList())
  const [editing, setEditing] = useState<Editing>(null)
  const columns = useColumns()
  const actions = useProfileActions(setEditing)
  const mayNot = useMay()('platform:network_profile:update') ? null : t('mayNot')
  const create = (
    <ActionButton
      action={{
        key: 'new',
        label: t('new'),
        icon: <PlusOutlined aria-hidden />,
        primary: true,
        blocked: mayNot,
        run: () => setEditing('new'),
      }}
    />
  )
  return (
    <Page
      title={t('title')}
      description={t('lead')}
      back={{ to: '/resources', label: r('title') }}
      actions={create}
    >
      <Panel flush>
        {error === null ? (
          <DataTable<Profile>
            label={t('title')}
            rows={data?.items ?? []}
            rowKey={({ gpu_model }) => gpu_model}
            rowName={({ gpu_model }) => gpu_model}
            loading={data === undefined}
            columns={columns}
            actions={actions}
            empty={
              <EmptyState
                icon={<DeploymentUnitOutlined aria-hidden />}
                title={t('empty')}
                hint={t('emptyHint')}
                action={create}
              />
            }
          />
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )}
      </Panel>
      <ProfileDialog
        editing={editing}
        known={(data?.items ?? []).map(({ gpu_model }) => gpu_model)}
        example={data?.example ?? {}}
        onClose={() => setEditing(null)}
      />
    </Page>
  )
}

function useColumns(): Column<Profile>[] {
  const t = useText(text)
  return [
    { key: 'model', title: t('model'), render: ({ gpu_model }) => <strong>{gpu_model}</strong> },
    { key: 'variables', title: t('variables'), render: (one) => <Variables of={one} /> },
    {
      key: 'uses',
      title: t('uses'),
      align: 'right',
      render: ({ uses }) => <span className="sw-num">{uses}</span>,
    },
    {
      key: 'updated',
      title: t('updated'),
      render: ({ updated_at }) => <TimeText value={updated_at} />,
    },
  ]
}

const SHOWN = 3

function Variables({ of: { variables } }: { of: Profile }) {
  const all = Object.entries(variables).map(([name, value]) => `${name}=${value}`)
  return (
    <span className="sw-name" title={all.join('\n')}>
      {all.slice(0, SHOWN).map((one) => (
        <code key={one}>{one}</code>
      ))}
      {all.length > SHOWN ? <small>+{all.length - SHOWN}</small> : null}
    </span>
  )
}

function useProfileActions(onEdit: (profile: Profile) => void): (profile: Profile) => Action[] {
  const t = useText(text)
  const notify = useNotify()
  const may = useMay()
  const mayNot = may('platform:network_profile:update') ? null : t('mayNot')
  const remove = useApiMutation(deleteProfile, ['network-profile'])
  return (profile) => {
    const { gpu_model: model } = profile
    return [
      { key: 'edit', label: t('edit'), blocked: mayNot, run: () => onEdit(profile) },
      {
        key: 'delete',
        label: t('delete'),
        danger: true,
        blocked: mayNot ?? profile.blocked.delete ?? null,
        confirm: {
          title: t('delete.title', { model }),
          message: t('delete.message'),
          action: t('delete'),
          danger: true,
        },
        run: async () => {
          await remove.mutateAsync(model)
          notify.success(t('deleted', { model }))
        },
      },
    ]
  }
}
