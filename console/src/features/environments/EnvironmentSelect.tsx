import { Select } from 'antd'
import { Sentence } from '@/ui/Sentence'

export interface EnvironmentOption {
  value: string
  label: string
  /** Below the name: its id, or why it cannot be chosen. */
  hint: string
  disabled: boolean
}

interface Props {
  id?: string
  value?: string
  onChange?: (value: string) => void
  loading?: boolean
  disabled?: boolean
  options: EnvironmentOption[]
}

/** In what something runs: every environment by name, also those that cannot be chosen, and why. */
export function EnvironmentSelect({ options, ...rest }: Props) {
  return (
    <Select<string, EnvironmentOption>
      {...rest}
      options={options}
      optionRender={({ data: { label, hint } }) => (
        <span className="sw-menu-label">
          {label}
          <small className="sw-faint">
            <Sentence of={hint} />
          </small>
        </span>
      )}
    />
  )
}
