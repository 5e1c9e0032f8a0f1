import { Alert } from 'antd'
import { Link } from 'react-router'
import { useText } from '@/base/text'
import { Sentence } from '@/ui/Sentence'
import { ActionButton } from '@/ui/actions'
import { placePath } from './place/address'
import { ProblemTable } from './ProblemTable'
import type { Dataset, Version } from './queries'
import { text } from './text'
import { useRetry } from './useDatasetActions'

const SHOWN = 10

/** Why an import failed, with the places to mend, and the way to try again. */
export function FailureNotice({ dataset, version }: { dataset: Dataset; version: Version }) {
  const t = useText(text)
  const retry = useRetry()
  const { latest_version: latest, address } = dataset
  return (
    <Alert
      type="error"
      showIcon
      title={t('failed', { version: version.name })}
      description={
        <div className="sw-stack datasets-failure">
          <div>
            <div>
              <Sentence of={version.reason ?? ''} />
            </div>
            <div className="sw-soft">
              {t('failedHint', { address })} <Link to={placePath(address)}>{t('openStorage')}</Link>
              {latest === null ? null : ` ${t('versionFailed', { version: `v${latest}` })}`}
            </div>
          </div>
          {version.problems.length > 1 ? (
            <ProblemTable problems={version.problems.slice(0, SHOWN)} />
          ) : null}
        </div>
      }
      action={<ActionButton action={{ ...retry(dataset), primary: true }} size="small" />}
    />
  )
}
