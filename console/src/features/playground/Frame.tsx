import { Segmented } from 'antd'
import type { ReactNode } from 'react'
import { useNavigate } from 'react-router'
import { useText } from '@/base/text'
import { Page } from '@/ui/Page'
import { text } from './text'
import { KINDS, type Kind } from './types'

interface FrameProps {
  kind: Kind | null
  actions?: ReactNode
  children: ReactNode
}

/** Title, the kind (chosen first), and what can be done: the same whatever is tried. */
export function Frame({ kind, actions, children }: FrameProps) {
  const t = useText(text)
  const navigate = useNavigate()
  return (
    <div className="playground-page">
      <Page
        title={t('title')}
        beside={
          kind === null ? null : (
            <Segmented<Kind>
              aria-label={t('kind')}
              value={kind}
              onChange={(next) => void navigate(`/playground?kind=${next}`)}
              options={KINDS.map((value) => ({ value, label: t(`kind.${value}`) }))}
            />
          )
        }
        actions={actions}
      >
        {children}
      </Page>
    </div>
  )
}
