import { Tabs } from 'antd'
import { useNavigate, useParams } from 'react-router'
import { useText } from '@/base/text'
import { Page } from '@/ui/Page'
import { LogTab } from './LogTab'
import { RulesTab } from './RulesTab'
import { TargetsTab } from './TargetsTab'
import { text } from './text'
import './alerts.css'

const TABS = ['rules', 'targets', 'log'] as const

export function AlertsPage() {
  const t = useText(text)
  const { tab } = useParams()
  const navigate = useNavigate()
  const open = TABS.find((key) => key === tab) ?? 'rules'
  return (
    <Page title={t('title')} description={t('lead')}>
      <Tabs
        activeKey={open}
        items={TABS.map((key) => ({ key, label: t(key) }))}
        onChange={(key) => void navigate(key === 'rules' ? '/alerts' : `/alerts/${key}`)}
      />
      {open === 'rules' ? <RulesTab /> : open === 'targets' ? <TargetsTab /> : <LogTab />}
    </Page>
  )
}
