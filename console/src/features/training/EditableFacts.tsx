import { EditOutlined } from '@ant-design/icons'
import { Button, Form, Input } from 'antd'
import { useState } from 'react'
import { useApiMutation } from '@/api/queries'
import { useMay } from '@/api/session'
import { useText } from '@/base/text'
import { Facts } from '@/ui/Facts'
import { FormDialog } from '@/ui/FormDialog'
import { fromRecord, KeyValueEditor, toRecord, type KeyValue } from '@/ui/KeyValueEditor'
import { Tags } from '@/ui/Tags'
import { editTask, type TaskDetail } from './queries'
import { text } from './text'

interface Values {
  description: string
  tags: KeyValue[]
}

/** Tags and description: the only things of a task that change after it was made. */
export function EditableFacts({ task }: { task: TaskDetail }) {
  const t = useText(text)
  const may = useMay()('train:task:update')
  const [open, setOpen] = useState(false)
  const edit = may ? (
    <Button
      type="text"
      size="small"
      icon={<EditOutlined aria-hidden />}
      aria-label={t('edit')}
      onClick={() => setOpen(true)}
    />
  ) : null
  return (
    <div className="training-editable">
      <Facts
        columns={1}
        items={[
          {
            key: 'tags',
            label: t('tags'),
            value: (
              <span className="sw-row">
                <Tags tags={task.tags} max={20} />
                {edit}
              </span>
            ),
          },
          ...(task.description === ''
            ? []
            : [{ key: 'description', label: t('description'), value: task.description }]),
        ]}
      />
      <EditDialog task={task} open={open} onClose={() => setOpen(false)} />
    </div>
  )
}

interface DialogProps {
  task: TaskDetail
  open: boolean
  onClose: () => void
}

function EditDialog({ task, open, onClose }: DialogProps) {
  const t = useText(text)
  const save = useApiMutation(
    ({ description, tags }: Values) => editTask(task.id, { description, tags: toRecord(tags) }),
    ['task'],
  )
  return (
    <FormDialog<Values>
      open={open}
      title={t('edit')}
      submitLabel={t('save')}
      initialValues={{ description: task.description, tags: fromRecord(task.tags) }}
      onSubmit={(values) => save.mutateAsync(values)}
      onClose={onClose}
    >
      {() => (
        <>
          <Form.Item name="tags" label={t('tags')}>
            <KeyValueEditor max={50} />
          </Form.Item>
          <Form.Item name="description" label={t('description')}>
            <Input.TextArea maxLength={500} showCount autoSize={{ minRows: 2, maxRows: 6 }} />
          </Form.Item>
        </>
      )}
    </FormDialog>
  )
}
