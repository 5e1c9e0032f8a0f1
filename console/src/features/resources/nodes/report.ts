import { useText } from '@/base/text'
import { useNotify } from '@/ui/notify'
import type { Done } from '../queries'
import { text } from '../text'
import type { NodeDialogsState } from './NodeDialogs'

/** Tells what became of each node: in a word where all went well, in a table where not. */
export function useReport(dialogs: NodeDialogsState): (results: readonly Done[]) => void {
  const t = useText(text)
  const notify = useNotify()
  return (results) => {
    if (results.every(({ done }) => done))
      notify.success(t('batch.done', { count: results.length }))
    else dialogs.show(results)
  }
}
