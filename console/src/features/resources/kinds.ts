import { useText } from '@/base/text'
import { tidy } from './amounts'
import type { Ask } from './queries'
import { text } from './text'

/** A workload's kind in words. */
export function useKindWords(): (kind: string) => string {
  const t = useText(text)
  return (kind) => {
    switch (kind) {
      case 'training':
        return t('kind.training')
      case 'evaluation':
        return t('kind.evaluation')
      case 'service':
      case 'serving':
        return t('kind.service')
      default:
        return kind
    }
  }
}

const GIB = 2 ** 30

/** `2C4G1xA100 *2`: what each instance of a role asks for, times their number. */
export function useAskWords(): (ask: Ask) => string {
  const t = useText(text)
  return ({ cpu_cores, memory_bytes, gpus, gpu_model, instances }) => {
    const cards = gpus === 0 ? '' : ` ${tidy(gpus)}x${gpu_model ?? t('anyCard')}`
    return `${tidy(cpu_cores)}C${tidy(memory_bytes / GIB)}G${cards} *${instances}`
  }
}
