import rehypeKatex from 'rehype-katex'
import remarkMath from 'remark-math'
import 'katex/dist/katex.min.css'
import MarkdownBody from './MarkdownBody'
import { withDollars } from './math'

const REMARK = [remarkMath]
// A formula that is not complete yet is shown as it stands, in the colour of the text around it.
const REHYPE: [typeof rehypeKatex, object][] = [
  [rehypeKatex, { errorColor: 'inherit', strict: 'ignore' }],
]

export default function MarkdownMath({ source }: { source: string }) {
  return <MarkdownBody source={withDollars(source)} remark={REMARK} rehype={REHYPE} />
}
