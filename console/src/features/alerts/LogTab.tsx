import { SendOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Tag } from 'antd'
import { useApiMutation } from '@/api/queries'
import { useMay } from '@/api/session'
import { usePreference } from '@/base/preferences'
import { useText } from '@/base/text'
import type { Action } from '@/ui/actions'
import type { Column } from '@/ui/DataTable'
import { EmptyState } from '@/ui/EmptyState'
import { eventWords } from '@/ui/events'
import { List } from '@/ui/ListPage'
import { useListState } from '@/ui/listState'
import { useNotify } from '@/ui/notify'
import { stateLabel } from '@/ui/states'
import { StatusTag } from '@/ui/StatusTag'
import { TimeText } from '@/ui/TimeText'
import { DeliveryDetails } from './DeliveryDetails'
import { deliveryList, resendDelivery, type Delivery } from './queries'
import { text } from './text'

const STATES = ['Pending', 'Retrying', 'Delivered', 'Failed'] as const

export function LogTab() {
  const t = useText(text)
  const [language] = usePreference('language')
  const list = useListState({ filters: ['state', 'rule', 'target'] })
  const query = useQuery(deliveryList(list.params))
  return (
    <List
      label={t('log')}
      list={list}
      query={query}
      searchHint={t('log.search')}
      filters={[
        {
          kind: 'choice',
          key: 'state',
          label: t('state'),
          options: STATES.map((state) => ({ value: state, label: stateLabel(state, language) })),
        },
      ]}
      rowKey={(delivery) => delivery.id}
      rowName={(delivery) => delivery.id}
      columns={useColumns()}
      actions={useDeliveryActions()}
      expandedRow={(delivery) => <DeliveryDetails delivery={delivery} />}
      empty={
        <EmptyState
          icon={<SendOutlined aria-hidden />}
          title={t('log.empty')}
          hint={t('log.emptyHint')}
        />
      }
    />
  )
}

function useColumns(): Column<Delivery>[] {
  const t = useText(text)
  const [language] = usePreference('language')
  return [
    {
      key: 'time',
      title: t('log.time'),
      sortBy: 'created_at',
      render: (delivery) => <TimeText value={delivery.created_at} absolute />,
    },
    {
      key: 'state',
      title: t('state'),
      render: (delivery) => (
        <span className="sw-name">
          <StatusTag state={delivery.state} reason={delivery.last_error} />
          {delivery.state === 'Retrying' ? (
            <small>
              {t('log.next')} <TimeText value={delivery.next_at} absolute />
            </small>
          ) : null}
        </span>
      ),
    },
    {
      key: 'rule',
      title: t('log.rule'),
      render: (delivery) => (delivery.test ? <Tag>{t('log.test')}</Tag> : delivery.rule_name),
    },
    {
      key: 'target',
      title: t('log.target'),
      render: (delivery) => (
        <span className="sw-name">
          <span>{delivery.target_name}</span>
          <small>{t(`kind.${delivery.target_kind}`)}</small>
        </span>
      ),
    },
    {
      key: 'event',
      title: t('log.event'),
      render: (delivery) => (
        <span className="sw-name">
          <span>{eventWords(delivery.event_type, language)}</span>
          <small>{delivery.event_type}</small>
        </span>
      ),
    },
    {
      key: 'object',
      title: t('log.object'),
      render: (delivery) => (
        <span className="sw-name">
          <span>{delivery.subject_name}</span>
          <small>{delivery.subject_id}</small>
        </span>
      ),
    },
    {
      key: 'tries',
      title: t('log.tries'),
      align: 'right',
      render: (delivery) => delivery.attempts,
    },
  ]
}

function useDeliveryActions(): (delivery: Delivery) => Action[] {
  const t = useText(text)
  const may = useMay()
  const notify = useNotify()
  const resend = useApiMutation(resendDelivery, ['alert_delivery'])
  return (delivery) => [
    {
      key: 'resend',
      label: t('log.resend'),
      blocked: may('alert:delivery:resend') ? delivery.blocked.resend : t('mayNot'),
      run: async () => {
        await resend.mutateAsync(delivery.id)
        notify.success(t('log.resent'))
      },
    },
  ]
}
