import { fromRecord, toRecord, type KeyValue } from '@/ui/KeyValueEditor'
import type { EnvironmentDetail, Preset, VersionForm } from '../queries'

/** What the form holds; `name` only where it is not the next version of another one. */
export interface Values {
  name: string
  description: string
  tags: KeyValue[]
  purposes: ('training' | 'serving')[]
  framework: string
  modes: string[]
  kind: 'python' | 'image'
  python: string
  requirements: string
  constraints: string
  index_url: string
  on_platform: boolean
  image: string
  user: string
  password: string
}

export const FIRST: Values = {
  name: '',
  description: '',
  tags: [],
  purposes: ['training'],
  framework: 'python',
  modes: [],
  kind: 'python',
  python: '',
  requirements: '',
  constraints: '',
  index_url: '',
  on_platform: false,
  image: '',
  user: '',
  password: '',
}

/** An inference environment: a locked set on the platform's packages. */
export function presetValues(preset: Preset): Partial<Values> {
  return {
    kind: 'python',
    requirements: preset.requirements,
    on_platform: true,
    purposes: ['serving'],
    framework: 'other',
    description: preset.name,
  }
}

/** The next version begins as the one before was; a password is asked for again. */
export function valuesOf(environment: EnvironmentDetail): Values {
  const { source } = environment
  return {
    ...FIRST,
    name: environment.name,
    description: environment.description,
    tags: fromRecord(environment.tags),
    purposes: environment.purposes as Values['purposes'],
    framework: environment.framework,
    modes: environment.modes,
    kind: source.kind === 'image' ? 'image' : 'python',
    python: source.python,
    requirements: source.requirements,
    constraints: source.constraints,
    index_url: source.index_url,
    on_platform: source.on_platform,
    image: source.image,
    user: source.user,
  }
}

/** Only what the chosen kind needs: what was typed for the other one is left out. */
export function toForm(values: Values): VersionForm {
  const { kind } = values
  const common = {
    description: values.description,
    tags: toRecord(values.tags),
    purposes: values.purposes,
    framework: values.framework,
    modes: values.modes,
    kind,
    user: values.user.trim(),
    password: values.password,
  }
  const isImage = kind === 'image'
  return {
    ...common,
    python: isImage ? '' : values.python,
    requirements: isImage ? '' : values.requirements,
    constraints: isImage ? '' : values.constraints,
    index_url: isImage ? '' : values.index_url.trim(),
    on_platform: !isImage && values.on_platform,
    image: isImage ? values.image.trim() : '',
  }
}
