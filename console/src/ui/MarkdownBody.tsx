import type { ReactNode } from 'react'
import ReactMarkdown, { type Components, type Options } from 'react-markdown'
import remarkGfm from 'remark-gfm'
import { CodeBlock } from './CodeBlock'

const NONE: NonNullable<Options['remarkPlugins']> = []

const COMPONENTS: Components = {
  a: ({ href = '', children }) => (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  ),
  // An image address from a model could report to a stranger who reads: it is a link to click.
  img: ({ src = '', alt }) => (
    <a href={src} target="_blank" rel="noopener noreferrer nofollow">
      {alt ?? src}
    </a>
  ),
  pre: ({ children }) => <>{children}</>,
  code: ({ className, children }) => {
    const language = /language-(\S+)/.exec(className ?? '')?.[1]
    const code = asText(children)
    if (language === undefined && !code.includes('\n')) return <code>{children}</code>
    return <CodeBlock samples={[{ language: language ?? '', code: code.replace(/\n$/, '') }]} />
  },
  table: ({ children }) => (
    <div className="sw-markdown-table">
      <table>{children}</table>
    </div>
  ),
}

interface Props {
  source: string
  /** Further plugins, such as those for formulas. */
  remark?: NonNullable<Options['remarkPlugins']>
  rehype?: NonNullable<Options['rehypePlugins']>
}

export default function MarkdownBody({ source, remark = NONE, rehype = NONE }: Props) {
  return (
    <ReactMarkdown
      remarkPlugins={[remarkGfm, ...remark]}
      rehypePlugins={rehype}
      components={COMPONENTS}
    >
      {source}
    </ReactMarkdown>
  )
}

function asText(children: ReactNode): string {
  if (Array.isArray(children)) return children.map(asText).join('')
  return typeof children === 'string' ? children : ''
}
