import { lazy, Suspense } from 'react'
import { hasMath } from './math'

const MarkdownBody = lazy(() => import('./MarkdownBody'))
const MarkdownMath = lazy(() => import('./MarkdownMath'))

interface Props {
  children: string
  /** Formulas between `$`, `$$`, `\(` and `\[` are set as such. */
  math?: boolean
}

/** Text of people and models. HTML in it is shown as text, never run. */
export function Markdown({ children, math = false }: Props) {
  const Body = math && hasMath(children) ? MarkdownMath : MarkdownBody
  return (
    <div className="sw-markdown">
      <Suspense fallback={<p className="sw-markdown-plain">{children}</p>}>
        <Body source={children} />
      </Suspense>
    </div>
  )
}
