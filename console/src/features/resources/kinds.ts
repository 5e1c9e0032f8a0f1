import { useText } from '@/base/text'
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
