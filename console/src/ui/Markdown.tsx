import { lazy, Suspense } from 'react'

const MarkdownBody = lazy(() => import('./MarkdownBody'))

/** Text of people and models. HTML in it is shown as text, never run. */
export function Markdown({ children }: { children: string }) {
  return (
    <div className="sw-markdown">
      <Suspense fallback={<p className="sw-markdown-plain">{children}</p>}>
        <MarkdownBody source={children} />
      </Suspense>
    </div>
  )
}
