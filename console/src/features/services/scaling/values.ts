import type { Schema } from '@/api/types'

export type Scaling = Schema<'ScalingForm'>
export type ScalingView = Schema<'ScalingView'>
export type Strategy = Scaling['strategy']
export type Metric = Schema<'ScalingMetric'>

/** Thresholds as the API takes them: least, most, and what is usual. */
export const METRICS: Record<Metric, { least: number; most: number; usual: number; llm: boolean }> =
  {
    'cpu-util': { least: 10, most: 100, usual: 70, llm: false },
    'memory-util': { least: 10, most: 100, usual: 80, llm: false },
    'gpu-util': { least: 10, most: 100, usual: 80, llm: false },
    'service-qps': { least: 1, most: 5000, usual: 20, llm: false },
    'concurrency-util': { least: 10, most: 100, usual: 80, llm: false },
    'waiting-requests': { least: 1, most: 10_000, usual: 4, llm: true },
    'ttft-p95': { least: 1, most: 600_000, usual: 1000, llm: true },
    'kv-cache-util': { least: 10, most: 100, usual: 80, llm: true },
  }

export interface RuleValues {
  time: string
  replicas: number
  exceptions: string[]
  min_replicas: number | null
  max_replicas: number | null
}

/** What the form holds: every part at once, so that switching the strategy loses nothing. */
export interface ScalingValues {
  strategy: Strategy
  rules: RuleValues[]
  min: number
  max: number
  targets: { metric: Metric; threshold: number }[]
  up_window_s: number
  down_window_s: number
  sleeps: boolean
  idle_minutes: number
  max_held: number
  hold_s: number
}

export const NEW_RULE: RuleValues = {
  time: '0 8 * * *',
  replicas: 2,
  exceptions: [],
  min_replicas: null,
  max_replicas: null,
}

export function freshScaling(): ScalingValues {
  return {
    strategy: 'manual',
    rules: [],
    min: 1,
    max: 3,
    targets: [{ metric: 'service-qps', threshold: METRICS['service-qps'].usual }],
    up_window_s: 0,
    down_window_s: 300,
    sleeps: false,
    idle_minutes: 30,
    max_held: 100,
    hold_s: 120,
  }
}

export function scalingValues(scaling: Scaling | undefined): ScalingValues {
  const fresh = freshScaling()
  if (scaling === undefined) return fresh
  const { hpa, idle_s } = scaling
  return {
    ...fresh,
    strategy: scaling.strategy,
    rules: scaling.rules.map((rule) => ({
      time: rule.time,
      replicas: rule.replicas,
      exceptions: rule.exceptions,
      min_replicas: rule.min_replicas ?? null,
      max_replicas: rule.max_replicas ?? null,
    })),
    ...(hpa == null
      ? {}
      : {
          min: hpa.min_replicas,
          max: hpa.max_replicas,
          targets: hpa.targets,
          up_window_s: hpa.up_window_s,
          down_window_s: hpa.down_window_s,
        }),
    sleeps: idle_s != null,
    idle_minutes: idle_s == null ? fresh.idle_minutes : idle_s / 60,
    max_held: scaling.max_held,
    hold_s: scaling.hold_s,
  }
}

export function scalingForm(values: ScalingValues): Scaling {
  const { strategy } = values
  return {
    strategy,
    rules: strategy === 'manual' ? [] : values.rules.map((rule) => ruleForm(rule, strategy)),
    hpa:
      strategy === 'hpa'
        ? {
            min_replicas: values.min,
            max_replicas: values.max,
            targets: values.targets,
            up_window_s: values.up_window_s,
            down_window_s: values.down_window_s,
          }
        : null,
    idle_s: values.sleeps ? Math.round(values.idle_minutes * 60) : null,
    max_held: values.max_held,
    hold_s: values.hold_s,
  }
}

function ruleForm(rule: RuleValues, strategy: Strategy): Scaling['rules'][number] {
  const bounds = strategy === 'hpa'
  return {
    time: rule.time.trim(),
    replicas: rule.replicas,
    exceptions: rule.exceptions.map((one) => one.trim()).filter((one) => one !== ''),
    min_replicas: bounds ? rule.min_replicas : null,
    max_replicas: bounds ? rule.max_replicas : null,
  }
}

/** A measured value with its unit. */
export function shown(metric: Metric, value: number): string {
  const number = String(Math.round(value * 10) / 10)
  if (metric === 'service-qps') return `${number}/s`
  if (metric === 'ttft-p95') return `${number} ms`
  return metric === 'waiting-requests' ? number : `${number}%`
}
