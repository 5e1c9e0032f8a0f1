import { EditOutlined } from '@ant-design/icons'
import { useNavigate } from 'react-router'
import { useMay } from '@/api/session'
import { useText } from '@/base/text'
import { ActionButton } from '@/ui/actions'
import { CodeBlock } from '@/ui/CodeBlock'
import { Panel } from '@/ui/Page'
import { PolicyHelp } from '../PolicyField'
import type { GroupDetail } from '../queries'
import { text } from '../text'

export function PolicyTab({ group }: { group: GroupDetail }) {
  const t = useText(text)
  const navigate = useNavigate()
  const edit = {
    key: 'edit',
    label: t('policy.edit'),
    icon: <EditOutlined aria-hidden />,
    blocked: useMay()('compute:group:update') ? null : t('mayNotChange'),
    run: () => void navigate(`/resources/${group.id}/edit`),
  }
  return (
    <Panel title={t('policy')} actions={<ActionButton action={edit} />}>
      <div className="resources-policy">
        <CodeBlock samples={[{ language: 'json', code: JSON.stringify(group.policy, null, 2) }]} />
        <PolicyHelp />
      </div>
    </Panel>
  )
}
