import { RedoOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Collapse, Form, Input, Tag } from 'antd'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { useApiMutation } from '@/api/queries'
import { useMay } from '@/api/session'
import { useText } from '@/base/text'
import { ActionButton } from '@/ui/actions'
import { CodeBlock } from '@/ui/CodeBlock'
import { DataTable, type Column } from '@/ui/DataTable'
import { ErrorState } from '@/ui/ErrorState'
import { FactsSkeleton } from '@/ui/Facts'
import { FormDialog } from '@/ui/FormDialog'
import { useNotify } from '@/ui/notify'
import { Panel } from '@/ui/Page'
import { Sentence } from '@/ui/Sentence'
import { copyName, NAME_MAX, NAME_RULE } from '../form/values'
import { rerunTask, taskReproduction, type RecordCheck, type TaskDetail } from '../queries'
import { recordText } from '../recordText'
import { text } from '../text'

/** What the last start depended on, whether that is still to be had, and running it again. */
export function RecordTab({ task }: { task: TaskDetail }) {
  const t = useText(recordText)
  const words = useText(text)
  const [asking, setAsking] = useState(false)
  const may = useMay()('train:task:create')
  const columns = useColumns()
  const { data, error, refetch } = useQuery(taskReproduction(task.id))
  if (error !== null) return <ErrorState error={error} onRetry={() => void refetch()} />
  if (data === undefined) return <FactsSkeleton />
  const { checks, changes, packages } = data
  return (
    <div className="sw-stack">
      <Panel
        title={t('title')}
        flush
        actions={
          <ActionButton
            action={{
              key: 'rerun',
              label: t('rerun'),
              icon: <RedoOutlined aria-hidden />,
              blocked: may ? null : words('mayNot'),
              run: () => setAsking(true),
            }}
          />
        }
      >
        <DataTable<RecordCheck>
          label={t('title')}
          rows={checks}
          rowKey={(check) => `${check.part} ${check.name}`}
          columns={columns}
        />
      </Panel>
      <Collapse
        items={[
          ...changes.map(({ folder, commit, changes: patch, new: added, cut }) => ({
            key: `changes-${folder}`,
            label: t('changes', { commit: commit.slice(0, 12) }),
            children: (
              <>
                {added.length > 0 ? <p>{t('newFiles', { names: added.join(', ') })}</p> : null}
                {cut ? <p>{t('cut')}</p> : null}
                {patch === '' ? (
                  <p className="sw-faint">{t('noChanges')}</p>
                ) : (
                  <CodeBlock samples={[{ language: 'diff', code: patch }]} />
                )}
              </>
            ),
          })),
          {
            key: 'packages',
            label: t('packages', { count: packages.length }),
            children: <CodeBlock samples={[{ language: 'text', code: packages.join('\n') }]} />,
          },
        ]}
      />
      <RerunDialog task={task} open={asking} onClose={() => setAsking(false)} />
    </div>
  )
}

const TONES = { same: 'success', changed: 'warning', gone: 'error', unknown: 'default' } as const

function useColumns(): Column<RecordCheck>[] {
  const t = useText(recordText)
  return [
    { key: 'part', title: t('part'), render: ({ part }) => t(`part.${part as 'code'}`) },
    { key: 'name', title: t('name'), render: ({ name }) => name || '–' },
    {
      key: 'was',
      title: t('was'),
      render: ({ was }) => <span className="sw-mono">{was || '–'}</span>,
    },
    {
      key: 'sameness',
      title: t('now'),
      render: ({ sameness }) => <Tag color={TONES[sameness]}>{t(`now.${sameness}`)}</Tag>,
    },
    {
      key: 'reason',
      title: t('why'),
      render: ({ reason }) => (reason === '' ? null : <Sentence of={reason} />),
    },
  ]
}

interface DialogProps {
  task: TaskDetail
  open: boolean
  onClose: () => void
}

function RerunDialog({ task, open, onClose }: DialogProps) {
  const t = useText(recordText)
  const words = useText(text)
  const notify = useNotify()
  const navigate = useNavigate()
  const rerun = useApiMutation(rerunTask, ['task', 'queue', 'resource-group'])
  const submit = async ({ name }: { name: string }) => {
    const { task: made } = await rerun.mutateAsync({ id: task.id, name: name.trim() })
    notify.success(t('rerun.done', { name: made.name }))
    void navigate(`/training/${made.id}`)
  }
  return (
    <FormDialog<{ name: string }>
      open={open}
      title={t('rerun.title', { name: task.name })}
      submitLabel={t('rerun')}
      initialValues={{ name: copyName(task.name) }}
      onSubmit={submit}
      onClose={onClose}
    >
      {() => (
        <>
          <p className="sw-soft training-dialog-lead">{t('rerun.lead')}</p>
          <Form.Item
            name="name"
            label={words('name')}
            rules={[{ required: true, pattern: NAME_RULE, message: words('needed') }]}
          >
            <Input autoComplete="off" maxLength={NAME_MAX} />
          </Form.Item>
        </>
      )}
    </FormDialog>
  )
}
