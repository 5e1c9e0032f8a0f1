import { formatBytes } from '@/base/format'
import { useText } from '@/base/text'
import { CodeBlock } from '@/ui/CodeBlock'
import { Facts } from '@/ui/Facts'
import { IdText } from '@/ui/IdText'
import { Panel } from '@/ui/Page'
import { Duration } from '@/ui/Quantity'
import { Tags } from '@/ui/Tags'
import { TimeText } from '@/ui/TimeText'
import type { EvaluationDetail } from '../queries'
import { text } from '../text'

export function ConfigTab({ evaluation }: { evaluation: EvaluationDetail }) {
  const t = useText(text)
  const { spec, cpu_cores, memory_bytes, gpus } = evaluation
  const resources = [
    t('cores', { count: cpu_cores }),
    formatBytes(memory_bytes),
    ...(gpus > 0 ? [t('gpus', { count: gpus })] : []),
  ]
  return (
    <div className="sw-stack">
      <Panel>
        <Facts
          columns={3}
          items={[
            { key: 'models', label: t('models'), value: evaluation.models.join(', ') },
            { key: 'sets', label: t('sets'), value: evaluation.sets.join(', ') },
            { key: 'resources', label: t('config.resources'), value: resources.join(' · ') },
            { key: 'tokenizer', label: t('config.tokenizer'), value: String(spec.tokenizer) },
            { key: 'seed', label: t('config.seed'), value: String(spec.seed) },
            { key: 'tags', label: t('tags'), value: <Tags tags={evaluation.tags} /> },
            { key: 'creator', label: t('creator'), value: evaluation.creator },
            {
              key: 'created',
              label: t('created'),
              value: <TimeText value={evaluation.created_at} absolute />,
            },
            {
              key: 'time',
              label: t('runTime'),
              value: <Duration seconds={evaluation.run_time_s} />,
            },
            {
              key: 'output',
              label: t('config.output'),
              value: <IdText value={evaluation.output} />,
              wide: true,
            },
            {
              key: 'description',
              label: t('description'),
              value: evaluation.description || null,
              wide: true,
            },
          ]}
        />
      </Panel>
      <CodeBlock
        title={t('config.spec')}
        samples={[{ language: 'json', code: JSON.stringify(spec, null, 2) }]}
      />
    </div>
  )
}
