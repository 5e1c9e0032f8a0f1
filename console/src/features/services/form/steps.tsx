import { formatBytes } from '@/base/format'
import { useText } from '@/base/text'
import type { Fact } from '@/ui/Facts'
import type { FormStep } from '@/ui/FormPage'
import { AccessStep } from './AccessStep'
import { HealthStep } from './HealthStep'
import { ModelStep } from './ModelStep'
import { ResourceStep } from './ResourceStep'
import { text } from './text'
import { freshValues, type Values } from './values'

const MODEL = [
  'runtime',
  'model',
  'base',
  'engine',
  'served_name',
  'max_model_len',
  'command',
  'environment',
  'env',
]
const RESOURCES = [
  'cpu_cores',
  'memory_bytes',
  'gpus',
  'gpu_model',
  'replicas',
  'scaling',
  'instances',
  'roles',
  'priority',
  'placement',
]
const ACCESS = [
  'max_surge',
  'max_unavailable',
  'grace_s',
  'start_timeout_s',
  'retries',
  'port',
  'pre_stop',
  'deliver_logs',
]

/** The steps of a service (`ofService`) or of one more version. */
export function useSteps(ofService: boolean, fixedRuntime = false): FormStep<Values>[] {
  const t = useText(text)
  const own = (fields: string[], also: string[]) => (ofService ? [...also, ...fields] : fields)
  return [
    {
      key: 'model',
      title: t('step.model'),
      fields: own([...MODEL, 'description'], ['name', 'tags', 'grpc']),
      render: (form) => <ModelStep form={form} ofService={ofService} fixedRuntime={fixedRuntime} />,
    },
    {
      key: 'resources',
      title: t('step.resources'),
      fields: own(RESOURCES, ['resource_group', 'mode']),
      render: (form) => <ResourceStep form={form} ofService={ofService} />,
    },
    {
      key: 'access',
      title: t('step.access'),
      fields: own(ACCESS, ['auth', 'limit', 'limitKind', 'limitValue', 'stop_at']),
      render: () => <AccessStep ofService={ofService} />,
    },
    {
      key: 'health',
      title: t('step.health'),
      fields: ['probes'],
      render: (form) => <HealthStep form={form} />,
    },
  ]
}

export function useSummary(ofService: boolean): (values: Partial<Values>) => Fact[] {
  const t = useText(text)
  return (partial) => {
    const values = { ...freshValues(), ...partial }
    return [
      ...(ofService ? [{ key: 'name', label: t('name'), value: values.name || null }] : []),
      { key: 'kind', label: t('sum.kind'), value: t(`runtime.${values.runtime}`) },
      { key: 'model', label: t('sum.model'), value: values.model.ref || null },
      {
        key: 'resources',
        label: t('sum.resources'),
        value: [
          ...(values.cpu_cores > 0
            ? [t('sum.cores', { count: values.cpu_cores }), formatBytes(values.memory_bytes)]
            : []),
          ...(values.gpus > 0 ? [t('sum.gpus', { count: values.gpus })] : []),
        ].join(' · '),
      },
      { key: 'replicas', label: t('sum.replicas'), value: values.replicas },
      ...(ofService
        ? [{ key: 'keys', label: t('sum.keys'), value: t(values.auth ? 'yes' : 'no') }]
        : []),
      {
        key: 'policy',
        label: t('sum.policy'),
        value: t('sum.policyValue', {
          surge: values.max_surge,
          unavailable: values.max_unavailable,
        }),
      },
    ]
  }
}
