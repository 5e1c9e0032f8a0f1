import { formatBytes } from '@/base/format'
import type { KeyOf, Translate } from '@/base/text'
import type { Task } from './queries'
import type { text } from './text'

type Amounts = Pick<Task, 'instances' | 'cpu_cores' | 'memory_bytes' | 'gpus'>

/** "2 × 1 CPU, 2.0 GiB, 1 GPU": what each instance asks for, and how many there are. */
export function amountWords(of: Amounts, t: Translate<KeyOf<typeof text>>): string {
  const parts = [
    t('amount.cpu', { count: of.cpu_cores }),
    formatBytes(of.memory_bytes),
    ...(of.gpus > 0 ? [t('amount.gpu', { count: of.gpus })] : []),
  ]
  const one = parts.join(' · ')
  return of.instances > 1 ? `${of.instances} × ${one}` : one
}
