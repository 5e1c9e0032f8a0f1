import { CheckOutlined, SwapOutlined } from '@ant-design/icons'
import { Button, Dropdown } from 'antd'
import { switchProject } from '@/api/project'
import { useProject, useProjects } from '@/api/session'
import { useText } from '@/base/text'
import { text } from './text'

export function ProjectSwitch({ folded }: { folded: boolean }) {
  const t = useText(text)
  const projects = useProjects()
  const current = useProject()
  const name = current?.name ?? '…'
  const items = projects.map((project) => ({
    key: project.id,
    label: project.name,
    icon: (
      <CheckOutlined
        style={{ visibility: project.id === current?.id ? 'visible' : 'hidden' }}
        aria-hidden
      />
    ),
    onClick: () => switchProject(project.id),
  }))
  return (
    <Dropdown
      menu={{ items, className: 'sw-project-menu' }}
      trigger={['click']}
      disabled={projects.length < 2}
    >
      <Button className="sw-project" aria-label={`${t('project')}: ${name}`} title={name}>
        <span className="sw-project-mark" aria-hidden>
          {name.slice(0, 1).toUpperCase()}
        </span>
        {folded ? null : <span className="sw-project-name">{name}</span>}
        {folded || projects.length < 2 ? null : <SwapOutlined rotate={90} aria-hidden />}
      </Button>
    </Dropdown>
  )
}
