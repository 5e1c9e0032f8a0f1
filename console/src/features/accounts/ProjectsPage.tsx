import { AppstoreOutlined, PlusOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Button, Form, Input, Tag } from 'antd'
import { useState } from 'react'
import { Link } from 'react-router'
import { switchProject } from '@/api/project'
import { useApiMutation } from '@/api/queries'
import { projectsQuery, useMay, useMe, useProject, useProjects } from '@/api/session'
import { useText } from '@/base/text'
import type { Action } from '@/ui/actions'
import type { Column } from '@/ui/DataTable'
import { EmptyState } from '@/ui/EmptyState'
import { FormDialog } from '@/ui/FormDialog'
import { IdText } from '@/ui/IdText'
import { ListPage } from '@/ui/ListPage'
import { localPage, useListState } from '@/ui/listState'
import { useNotify } from '@/ui/notify'
import { TimeText } from '@/ui/TimeText'
import { createProject, type Project } from './queries'
import { text } from './text'

export function ProjectsPage() {
  const t = useText(text)
  const may = useMay()
  const list = useListState()
  const query = useQuery(projectsQuery)
  const [creating, setCreating] = useState(false)
  const page =
    query.data && localPage(query.data.items, list.params, (p) => `${p.name} ${p.description}`)
  const create = may('iam:project:create') ? (
    <Button type="primary" icon={<PlusOutlined aria-hidden />} onClick={() => setCreating(true)}>
      {t('projects.new')}
    </Button>
  ) : null
  return (
    <>
      <ListPage
        title={t('projects')}
        description={t('projects.lead')}
        primary={create}
        list={list}
        query={{ ...query, data: page }}
        searchHint={t('projects.search')}
        rowKey={(project) => project.id}
        rowName={(project) => project.name}
        columns={useProjectColumns()}
        actions={useProjectActions()}
        empty={
          <EmptyState
            icon={<AppstoreOutlined aria-hidden />}
            title={t('projects.empty')}
            hint={t('projects.emptyHint')}
            action={create}
          />
        }
      />
      <ProjectDialog open={creating} onClose={() => setCreating(false)} />
    </>
  )
}

function useProjectColumns(): Column<Project>[] {
  const t = useText(text)
  const current = useProject()?.id
  const roles = new Map(useMe().projects.map(({ id, role }) => [id, role]))
  return [
    {
      key: 'name',
      title: t('project.name'),
      render: (project) => (
        <span className="sw-row">
          <Link to={`/projects/${project.id}`} className="sw-strong">
            {project.name}
          </Link>
          {project.id === current ? <Tag variant="filled">{t('project.current')}</Tag> : null}
        </span>
      ),
    },
    { key: 'id', title: 'ID', render: (project) => <IdText value={project.id} /> },
    {
      key: 'description',
      title: t('project.description'),
      render: (project) => project.description || <span className="sw-faint">–</span>,
    },
    {
      key: 'role',
      title: t('role'),
      render: (project) => {
        const role = roles.get(project.id)
        return role ? t(`role.${role}`) : <span className="sw-faint">–</span>
      },
    },
    {
      key: 'created',
      title: t('created'),
      render: (project) => <TimeText value={project.created_at} />,
    },
  ]
}

function useProjectActions(): (project: Project) => Action[] {
  const t = useText(text)
  const current = useProject()?.id
  const mine = new Set(useProjects().map(({ id }) => id))
  return (project) =>
    mine.has(project.id) && project.id !== current
      ? [{ key: 'open', label: t('project.open'), run: () => switchProject(project.id) }]
      : []
}

interface Values {
  name: string
  description: string
}

function ProjectDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const t = useText(text)
  const notify = useNotify()
  const create = useApiMutation(createProject, ['project', 'me'])
  const submit = async (values: Values) => {
    const project = await create.mutateAsync(values)
    notify.success(t('project.created', { name: project.name }))
  }
  return (
    <FormDialog<Values>
      open={open}
      title={t('projects.new')}
      submitLabel={t('create')}
      initialValues={{ description: '' }}
      onSubmit={submit}
      onClose={onClose}
    >
      {() => (
        <>
          <Form.Item
            name="name"
            label={t('project.name')}
            rules={[{ required: true, message: t('needed') }]}
          >
            <Input autoFocus autoComplete="off" />
          </Form.Item>
          <Form.Item name="description" label={t('project.description')}>
            <Input.TextArea autoSize={{ minRows: 2, maxRows: 6 }} />
          </Form.Item>
        </>
      )}
    </FormDialog>
  )
}
