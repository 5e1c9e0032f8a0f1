import { Alert } from 'antd'
import { useText } from '@/base/text'
import type { Dataset } from '@/features/datasets/queries'
import { text } from './text'

/** Beside the path of a dataset of records (DAT-08). */
export function InPlaceWarning({ kind }: { kind: Dataset['kind'] }) {
  const t = useText(text)
  if (kind !== 'llm' && kind !== 'mllm') return null
  return <Alert type="info" showIcon title={t('inPlace')} />
}
