import { useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import { useText } from '@/base/text'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { Facts, FactsSkeleton } from '@/ui/Facts'
import { Panel } from '@/ui/Page'
import { taskLineage, versionLineage, type LineageInput, type LineageStep } from './sources'
import { text } from './text'

type Of = { task: string } | { version: string }

/** What went into a task or a model version, back to where its base models came from (TRN-18). */
export function LineageTab({ of }: { of: Of }) {
  const t = useText(text)
  const { data, error, refetch } = useQuery(
    'task' in of ? taskLineage(of.task) : versionLineage(of.version),
  )
  if (error !== null) return <ErrorState error={error} onRetry={() => void refetch()} />
  if (data === undefined) return <FactsSkeleton />
  if (data.items.length === 0) {
    return (
      <Panel>
        <EmptyState title={t('lineage.none')} hint={t('lineage.noneHint')} />
      </Panel>
    )
  }
  return (
    <div className="sw-stack">
      {data.items.map((step) => (
        <StepPanel key={step.task_id} step={step} />
      ))}
    </div>
  )
}

const PARTS = ['base_model', 'data', 'code'] as const

function StepPanel({ step }: { step: LineageStep }) {
  const t = useText(text)
  return (
    <Panel title={t('lineage.task', { name: step.task_name })}>
      <Facts
        items={[
          {
            key: 'task',
            label: t('lineage.by'),
            value: <Link to={`/training/${step.task_id}`}>{step.task_name}</Link>,
          },
          ...PARTS.map((part) => ({
            key: part,
            label: t(`lineage.${part}`),
            value: <Inputs inputs={step.inputs.filter((one) => one.part === part)} />,
          })),
          {
            key: 'outputs',
            label: t('lineage.outputs'),
            value:
              step.outputs.length === 0
                ? null
                : step.outputs.map(({ version_id: id, model_name: name, version }) => (
                    <div key={id}>
                      <Link to={`/models/versions/${id}`}>
                        {name} {version}
                      </Link>
                    </div>
                  )),
          },
        ]}
      />
    </Panel>
  )
}

function Inputs({ inputs }: { inputs: readonly LineageInput[] }) {
  const t = useText(text)
  if (inputs.length === 0) return <>{t('none')}</>
  return inputs.map((input) => (
    <div key={`${input.kind} ${input.source}`} className="sw-row">
      <InputName input={input} />
      <span className="sw-faint">{t(`purpose.${input.purpose}`)}</span>
    </div>
  ))
}

function InputName({ input: { kind, source, name, version } }: { input: LineageInput }) {
  const words = version === null ? name : `${name} ${version}`
  if (kind === 'dataset') return <Link to={`/datasets/${source}`}>{words}</Link>
  if (kind === 'model') return <Link to={`/models/versions/${source}`}>{words}</Link>
  return <code>{words}</code>
}
