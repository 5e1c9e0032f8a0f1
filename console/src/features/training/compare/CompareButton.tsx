import { DiffOutlined } from '@ant-design/icons'
import { useNavigate } from 'react-router'
import { useText } from '@/base/text'
import { ActionButton } from '@/ui/actions'
import { telemetryText } from '../telemetryText'
import { MOST } from './queries'

/** From tasks selected in the list to their comparison. */
export function CompareButton({ ids }: { ids: readonly string[] }) {
  const t = useText(telemetryText)
  const navigate = useNavigate()
  const few = ids.length < 2 ? t('compare.few') : null
  return (
    <ActionButton
      size="small"
      action={{
        key: 'compare',
        label: t('compare.do'),
        icon: <DiffOutlined aria-hidden />,
        blocked: ids.length > MOST ? t('compare.many', { count: MOST }) : few,
        run: () => void navigate(`/training/compare?ids=${ids.join(',')}`),
      }}
    />
  )
}
