import { Alert, Button, Modal } from 'antd'
import { useSentence } from '@/base/sentences'
import { useText } from '@/base/text'
import { text } from './text'
import type { Session } from './useSession'

/** What stands between a labeller and the record: a lock, a conflict, a save that failed. */
export function Notices({ session }: { session: Session }) {
  const t = useText(text)
  const say = useSentence()
  const { record, problem, conflict, restored, readOnly } = session
  return (
    <>
      {record !== null && readOnly && record.lock !== null ? (
        <Alert banner type="warning" title={t('locked', { name: record.lock.user_name })} />
      ) : null}
      {record?.comment && record.state === 'sent_back' ? (
        <Alert banner type="warning" title={t('sentBack', { comment: record.comment })} />
      ) : null}
      {restored ? <Alert banner type="info" closable title={t('restored')} /> : null}
      {problem !== null && record !== null ? (
        <Alert
          banner
          type="error"
          role="alert"
          title={say(problem.message)}
          action={
            <Button size="small" onClick={() => void session.save()}>
              {t('retry')}
            </Button>
          }
        />
      ) : null}
      <Modal
        open={conflict !== null}
        title={t('conflict')}
        closable={false}
        width={460}
        footer={
          <>
            <Button onClick={() => void session.keepMine()}>{t('conflict.mine')}</Button>
            <Button type="primary" onClick={() => void session.takeTheirs()}>
              {t('conflict.theirs')}
            </Button>
          </>
        }
      >
        {t('conflict.hint')}
      </Modal>
    </>
  )
}
