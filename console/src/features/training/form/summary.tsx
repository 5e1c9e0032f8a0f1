import { usePreference } from '@/base/preferences'
import { useText } from '@/base/text'
import { formatBytes } from '@/base/format'
import type { Fact } from '@/ui/Facts'
import { tidy } from '../../resources/amounts'
import { amountWords } from '../amountWords'
import type { Template } from '../queries'
import { text } from '../text'
import { formText } from './text'
import { EMPTY, type Values } from './values'

/** What was chosen so far, with what an hour of it draws. */
export function useSummary(
  templates: readonly Template[],
): (values: Partial<Values>) => readonly Fact[] {
  const t = useText(text)
  const f = useText(formText)
  const [language] = usePreference('language')
  return (given) => {
    const values = { ...EMPTY, ...given }
    const instances = values.mode === 'single' ? 1 : amount(values.instances)
    const cpu = amount(values.cpu_cores)
    const memory = amount(values.memory_bytes)
    const gpus = amount(values.gpus)
    const template = templates.find(({ id }) => id === values.template)
    const mounts = values.mounts.filter(({ source }) => source !== '').length
    return [
      { key: 'what', label: f('what'), value: template?.name[language] ?? f('own') },
      { key: 'name', label: t('name'), value: values.name || null },
      { key: 'environment', label: t('environment'), value: values.environment },
      { key: 'mode', label: t('mode'), value: values.mode },
      {
        key: 'resources',
        label: t('resources'),
        value: amountWords({ instances, cpu_cores: cpu, memory_bytes: memory, gpus }, t),
      },
      {
        key: 'draw',
        label: f('draw'),
        value: [
          f('draw.cpu', { hours: tidy(cpu * instances) }),
          f('draw.memory', { amount: formatBytes(memory * instances) }),
          ...(gpus > 0 ? [f('draw.gpu', { hours: tidy(gpus * instances) })] : []),
        ].join(' · '),
      },
      { key: 'mounts', label: t('mounts'), value: mounts === 0 ? null : String(mounts) },
      { key: 'output', label: t('output'), value: values.output || f('outputDefault') },
      {
        key: 'restarts',
        label: f('maxRestarts'),
        value: values.max_restarts === 0 ? t('none') : String(values.max_restarts),
      },
    ]
  }
}

/** A number field that was emptied holds null. */
function amount(value: number | null): number {
  return value ?? 0
}
