import { useText } from '@/base/text'
import { JsonEditor } from '@/ui/JsonEditor'
import { DryRun } from './DryRun'
import { POLICY_KEYS } from './policy'
import { text } from './text'

interface Props {
  id?: string
  value?: string
  onChange?: (value: string) => void
  /** The group whose queue a dry run is made with; null where there is none yet. */
  groupId: string | null
}

/** The policy document with the meaning of its keys beside it. A field of a form. */
export function PolicyField({ id, value = '', onChange, groupId }: Props) {
  const t = useText(text)
  return (
    <div className="resources-policy">
      <div>
        <JsonEditor id={id} value={value} onChange={onChange} rows={18} aria-label={t('policy')} />
        {groupId === null ? null : <DryRun groupId={groupId} policy={value} />}
      </div>
      <PolicyHelp />
    </div>
  )
}

export function PolicyHelp() {
  const t = useText(text)
  return (
    <aside className="resources-help" aria-label={t('policy.help')}>
      <strong>{t('policy.help')}</strong>
      <dl>
        {POLICY_KEYS.map((key) => (
          <div key={key}>
            <dt>{key}</dt>
            <dd>{t(`policy.${key}`)}</dd>
          </div>
        ))}
      </dl>
      <p className="sw-soft">{t('policy.order')}</p>
    </aside>
  )
}
