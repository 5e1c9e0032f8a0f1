import { useQuery } from '@tanstack/react-query'
import { Skeleton } from 'antd'
import { useParams } from 'react-router'
import { useText } from '@/base/text'
import { ErrorState } from '@/ui/ErrorState'
import { Page } from '@/ui/Page'
import { allTargets, eventServices, oneRule } from './queries'
import { RuleForm } from './RuleForm'
import { text } from './text'
import './alerts.css'

/** A new rule, or the one of the address. */
export function RulePage() {
  const { id } = useParams()
  const t = useText(text)
  const services = useQuery(eventServices())
  const targets = useQuery(allTargets())
  const rule = useQuery({ ...oneRule(id ?? ''), enabled: id !== undefined })
  const ready = id === undefined || rule.data !== undefined
  if (services.data && targets.data && ready) {
    return (
      <RuleForm
        key={id}
        rule={rule.data ?? null}
        services={services.data.items}
        targets={targets.data.items}
      />
    )
  }
  const error = services.error ?? targets.error ?? rule.error
  return (
    <Page title={id ?? t('rule.new')} back={{ to: '/alerts', label: t('title') }}>
      {error === null ? <Skeleton active paragraph={{ rows: 8 }} /> : <ErrorState error={error} />}
    </Page>
  )
}
