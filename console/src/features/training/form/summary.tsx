import { usePreference } from '@/base/preferences'
import { useText, type KeyOf, type Translate } from '@/base/text'
import { formatBytes } from '@/base/format'
import type { Fact } from '@/ui/Facts'
import { tidy } from '../../resources/amounts'
import { amountWords } from '../amountWords'
import type { Template } from '../queries'
import { TaskLinks } from '../TaskLinks'
import { text } from '../text'
import { modeWords } from './modeWords'
import { formText } from './text'
import { EMPTY, instanceCount, isByRole, type Values } from './values'

/** What was chosen so far, with what an hour of it draws. */
export function useSummary(
  templates: readonly Template[],
): (values: Partial<Values>) => readonly Fact[] {
  const t = useText(text)
  const f = useText(formText)
  const [language] = usePreference('language')
  return (given) => {
    const values = { ...EMPTY, ...given }
    const roles = isByRole(values.mode) ? values.roles : []
    const each = {
      instances: amount(instanceCount(values)),
      cpu_cores: amount(values.cpu_cores),
      memory_bytes: amount(values.memory_bytes),
      gpus: amount(values.gpus),
    }
    const parts =
      roles.length > 0
        ? roles.map(({ count, ...role }) => ({ ...role, count }))
        : [{ ...each, count: each.instances }]
    const sum = (of: 'cpu_cores' | 'memory_bytes' | 'gpus') =>
      parts.reduce((all, part) => all + amount(part.count) * amount(part[of]), 0)
    const template = templates.find(({ id }) => id === values.template)
    const mounts = values.mounts.filter(({ source }) => source !== '').length
    return [
      { key: 'what', label: f('what'), value: template?.name[language] ?? f('own') },
      { key: 'name', label: t('name'), value: values.name || null },
      { key: 'environment', label: t('environment'), value: values.environment },
      { key: 'mode', label: t('mode'), value: modeWords(values.mode, f) },
      {
        key: 'resources',
        label: t('resources'),
        value: amountWords(
          { ...each, roles, flavour: roles.length > 0 ? null : values.flavour },
          t,
        ),
      },
      {
        key: 'draw',
        label: f('draw'),
        value: [
          f('draw.cpu', { hours: tidy(sum('cpu_cores')) }),
          f('draw.memory', { amount: formatBytes(sum('memory_bytes')) }),
          ...(sum('gpus') > 0 ? [f('draw.gpu', { hours: tidy(sum('gpus')) })] : []),
        ].join(' · '),
      },
      { key: 'mounts', label: t('mounts'), value: mounts === 0 ? null : String(mounts) },
      { key: 'output', label: t('output'), value: values.output || f('outputDefault') },
      {
        key: 'restarts',
        label: f('maxRestarts'),
        value: values.max_restarts === 0 ? t('none') : String(values.max_restarts),
      },
      ...switchedOn(values, f),
    ]
  }
}

/** Only what is on: most tasks leave all of it off. */
function switchedOn(values: Values, f: Translate<KeyOf<typeof formText>>): Fact[] {
  const seconds = (key: 'health_check_s' | 'hang_s' | 'max_run_s' | 'max_queue_s'): Fact[] => {
    const value = values[key]
    return value === null ? [] : [{ key, label: f(key), value: f('seconds', { seconds: value }) }]
  }
  const { max_reschedules: moves, after } = values
  return [
    ...seconds('health_check_s'),
    ...(moves > 0 ? [{ key: 'moves', label: f('max_reschedules'), value: String(moves) }] : []),
    ...seconds('hang_s'),
    ...seconds('max_run_s'),
    ...seconds('max_queue_s'),
    ...(after.length > 0
      ? [{ key: 'after', label: f('after'), value: <TaskLinks ids={after} /> }]
      : []),
  ]
}

/** A number field that was emptied holds null. */
function amount(value: number | null): number {
  return value ?? 0
}
