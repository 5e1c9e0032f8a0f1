import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useApiMutation } from '@/api/queries'
import { useMay } from '@/api/session'
import { useText } from '@/base/text'
import { ActionButton } from '@/ui/actions'
import { FormDialog } from '@/ui/FormDialog'
import { useNotify } from '@/ui/notify'
import { AuditFields, auditOf, auditValues, type AuditValues } from './AuditFields'
import { projectAudit, setProjectAudit } from './queries'
import { text } from './text'

/** The audit of all services that say nothing of their own, for who runs the project. */
export function ProjectAudit() {
  const t = useText(text)
  const may = useMay()
  const notify = useNotify()
  const { data } = useQuery(projectAudit())
  const [open, setOpen] = useState(false)
  const save = useApiMutation(setProjectAudit, ['service'])
  const submit = async ({ audit }: { audit: AuditValues }) => {
    await save.mutateAsync(auditOf(audit, data))
    notify.success(t('saved'))
  }
  return (
    <>
      <ActionButton
        action={{
          key: 'project',
          label: t('project.button'),
          blocked: may('iam:project:update') ? null : t('mayNot'),
          run: () => setOpen(true),
        }}
      />
      <FormDialog<{ audit: AuditValues }>
        open={open && data !== undefined}
        title={t('project.title')}
        submitLabel={t('save')}
        initialValues={{ audit: auditValues(data) }}
        onSubmit={submit}
        onClose={() => setOpen(false)}
      >
        {() => <AuditFields />}
      </FormDialog>
    </>
  )
}
