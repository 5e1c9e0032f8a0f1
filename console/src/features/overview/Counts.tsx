import {
  ApiOutlined,
  BarChartOutlined,
  DatabaseOutlined,
  DeploymentUnitOutlined,
  ThunderboltOutlined,
} from '@ant-design/icons'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import { useText } from '@/base/text'
import { Count } from '@/ui/Quantity'
import { text } from './text'

type Amounts = Record<string, number>

interface Props {
  counts: Amounts
  /** By state. */
  tasks: Amounts
  services: Amounts
}

export function Counts({ counts, tasks, services }: Props) {
  const t = useText(text)
  return (
    <div className="overview-counts">
      <Card
        to="/datasets"
        icon={<DatabaseOutlined aria-hidden />}
        label={t('datasets')}
        count={counts.datasets}
      />
      <Card
        to="/training"
        icon={<ThunderboltOutlined aria-hidden />}
        label={t('tasks')}
        count={sum(tasks)}
        running={tasks.Running}
      />
      <Card
        to="/models"
        icon={<DeploymentUnitOutlined aria-hidden />}
        label={t('models')}
        count={counts.models}
      />
      <Card
        to="/services"
        icon={<ApiOutlined aria-hidden />}
        label={t('services')}
        count={sum(services)}
        running={services.Normal}
      />
      <Card
        to="/evaluations"
        icon={<BarChartOutlined aria-hidden />}
        label={t('evaluations')}
        count={counts.evaluations}
      />
    </div>
  )
}

function sum(amounts: Amounts): number {
  return Object.values(amounts).reduce((total, count) => total + count, 0)
}

interface CardProps {
  to: string
  icon: ReactNode
  label: string
  count: number | undefined
  running?: number
}

function Card({ to, icon, label, count = 0, running = 0 }: CardProps) {
  const t = useText(text)
  return (
    <Link to={to} className="overview-card">
      <span className="overview-card-label">
        <span aria-hidden>{icon}</span>
        {label}
      </span>
      <strong>
        <Count value={count} />
      </strong>
      <span className="overview-card-note" data-live={running > 0}>
        {running > 0 ? t('running', { count: running }) : count === 0 ? t('none') : ' '}
      </span>
    </Link>
  )
}
