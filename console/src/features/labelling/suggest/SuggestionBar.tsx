import { useQuery } from '@tanstack/react-query'
import { Button, Tooltip } from 'antd'
import { useApiMutation } from '@/api/queries'
import { useText } from '@/base/text'
import { useNotify } from '@/ui/notify'
import type { Component, Task } from '../queries'
import type { Answers } from '../records/answers'
import { useKeys } from '../work/keys'
import type { Session } from '../work/useSession'
import { decide, oneSuggestion, suggesting } from './queries'
import './suggest.css'
import { text } from './text'

interface Props {
  task: Task
  session: Session
  components: readonly Component[]
  answers: Answers
}

/** What a model proposes for this record: taken or not by one key. */
export function SuggestionBar({ task, session, components, answers }: Props) {
  const t = useText(text)
  const notify = useNotify()
  const index = session.record?.index ?? 0
  const wanted = useQuery(suggesting(task.id)).data?.state ?? null
  const { data } = useQuery({ ...oneSuggestion(task.id, index), enabled: wanted !== null })
  const settle = useApiMutation(
    (accepted: boolean) => decide(task.id, index, accepted),
    ['label-suggestion'],
  )
  const open = data?.state === 'offered' && !session.readOnly
  const take = async (accepted: boolean) => {
    if (!open || settle.isPending) return
    try {
      await settle.mutateAsync(accepted)
    } catch (error) {
      notify.problem(error)
      return
    }
    if (!accepted) return
    session.setValue({ answers: { ...answers, ...(data.answers as Answers) } })
    await session.submit()
  }
  const accept = () => void take(true)
  const reject = () => void take(false)
  useKeys({ a: accept, r: reject, 'Alt+a': accept, 'Alt+r': reject }, open)
  if (!open) return null
  const names = new Map(components.map(({ key, name }) => [key, name]))
  return (
    <section className="suggestion" aria-label={t('title')}>
      <header>
        <strong>{t('proposes', { service: data.service_name })}</strong>
        <span className="sw-soft">{t('sure', { percent: Math.round(100 * data.confidence) })}</span>
        <Tooltip title={t('accept.key')}>
          <Button size="small" type="primary" onClick={accept}>
            {t('accept')}
          </Button>
        </Tooltip>
        <Tooltip title={t('reject.key')}>
          <Button size="small" onClick={reject}>
            {t('reject')}
          </Button>
        </Tooltip>
      </header>
      <dl>
        {Object.entries(data.answers).map(([key, value]) => (
          <div key={key}>
            <dt>{names.get(key) ?? key}</dt>
            <dd>{typeof value === 'string' ? value : JSON.stringify(value)}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
