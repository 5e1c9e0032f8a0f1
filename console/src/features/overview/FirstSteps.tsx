import { Link } from 'react-router'
import { useText } from '@/base/text'
import { Panel } from '@/ui/Page'
import { text } from './text'

const STEPS = [
  { key: 'data', to: '/datasets' },
  { key: 'train', to: '/training' },
  { key: 'serve', to: '/services' },
  { key: 'evaluate', to: '/evaluations' },
] as const

/** For an empty project: the way through the platform, with a door at each step. */
export function FirstSteps() {
  const t = useText(text)
  return (
    <Panel title={t('start')}>
      <p className="sw-soft">{t('start.lead')}</p>
      <ol className="overview-steps">
        {STEPS.map(({ key, to }, index) => (
          <li key={key}>
            <Link to={to}>
              <span className="overview-step-number" aria-hidden>
                {index + 1}
              </span>
              <strong>{t(`start.${key}`)}</strong>
              <span className="sw-soft">{t(`start.${key}.hint`)}</span>
            </Link>
          </li>
        ))}
      </ol>
    </Panel>
  )
}
