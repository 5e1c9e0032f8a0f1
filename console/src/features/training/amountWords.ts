import { formatBytes } from '@/base/format'
import type { KeyOf, Translate } from '@/base/text'
import type { Task } from './queries'
import type { text } from './text'

type Amounts = Pick<Task, 'instances' | 'cpu_cores' | 'memory_bytes' | 'gpus' | 'roles'> & {
  flavour?: string | null
}
type Each = Omit<Amounts, 'roles'>

/** "2 × 1 CPU, 2.0 GiB, 1 GPU": what each instance asks for, and how many there are; by role where it differs. */
export function amountWords(of: Amounts, t: Translate<KeyOf<typeof text>>): string {
  if (of.flavour) return of.instances > 1 ? `${of.instances} × ${of.flavour}` : of.flavour
  if (of.roles.length === 0) return eachWords(of, t)
  return of.roles
    .map(({ name, count, ...each }) => `${name}: ${eachWords({ ...each, instances: count }, t)}`)
    .join(' + ')
}

function eachWords(of: Each, t: Translate<KeyOf<typeof text>>): string {
  const parts = [
    // Where its group gives by the cards, nothing is asked for but those.
    ...(of.cpu_cores > 0
      ? [t('amount.cpu', { count: of.cpu_cores }), formatBytes(of.memory_bytes)]
      : []),
    ...(of.gpus > 0 ? [t('amount.gpu', { count: of.gpus })] : []),
  ]
  const one = parts.join(' · ')
  return of.instances > 1 ? `${of.instances} × ${one}` : one
}
