import { CreditCardOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Switch } from 'antd'
import { useApiMutation } from '@/api/queries'
import { useMay } from '@/api/session'
import { useText } from '@/base/text'
import { DataTable, type Column } from '@/ui/DataTable'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { Page, Panel } from '@/ui/Page'
import { Sentence } from '@/ui/Sentence'
import { cardTypes, setSharing, TOUCHED, type CardType } from '../queries'
import { text } from '../text'

/** `/resources/cards`: whether a part of a card can be asked for, by card type (RES-32). */
export function CardTypesPage() {
  const t = useText(text)
  const { data, error, refetch } = useQuery(cardTypes())
  const columns = useColumns()
  return (
    <Page
      title={t('types')}
      description={t('types.lead')}
      back={{ to: '/resources', label: t('title') }}
    >
      <Panel flush>
        {error === null ? (
          <DataTable<CardType>
            label={t('types')}
            rows={data?.items ?? []}
            rowKey={({ model }) => model}
            rowName={({ model }) => model}
            loading={data === undefined}
            columns={columns}
            empty={
              <EmptyState
                icon={<CreditCardOutlined aria-hidden />}
                title={t('types.empty')}
                hint={t('cards.emptyHint')}
              />
            }
          />
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )}
      </Panel>
    </Page>
  )
}

function useColumns(): Column<CardType>[] {
  const t = useText(text)
  const number = (value: number) => <span className="sw-num">{value}</span>
  return [
    { key: 'model', title: t('quota.card'), render: ({ model }) => <strong>{model}</strong> },
    { key: 'nodes', title: t('tab.nodes'), align: 'right', render: (one) => number(one.nodes) },
    { key: 'cards', title: t('tab.cards'), align: 'right', render: (one) => number(one.cards) },
    {
      key: 'shared',
      title: t('types.shared'),
      align: 'right',
      render: (one) => number(one.shared),
    },
    { key: 'sharing', title: t('types.sharing'), render: (one) => <Sharing of={one} /> },
    {
      key: 'notices',
      title: t('types.notices'),
      render: ({ notices }) => notices.map((notice) => <Sentence key={notice} of={notice} />),
    },
  ]
}

function Sharing({ of: { model, sharing } }: { of: CardType }) {
  const t = useText(text)
  const may = useMay()('compute:card_type:set')
  const save = useApiMutation(setSharing, TOUCHED)
  return (
    <Switch
      checked={sharing}
      disabled={!may}
      loading={save.isPending}
      title={may ? undefined : t('mayNotChange')}
      aria-label={`${t('types.sharing')}: ${model}`}
      onChange={(on) => save.mutate({ model, sharing: on })}
    />
  )
}
