import { Select } from 'antd'
import { useText } from '@/base/text'
import { text } from './text'
import type { Service, Side } from './types'

interface Props {
  side: Pick<Side, 'service' | 'serviceName'>
  services: readonly Service[]
  disabled: boolean
  onChange: (service: Service) => void
}

/** Running services of the kind; one that has been stopped since stays to be seen by its name. */
export function ServiceSelect({ side, services, disabled, onChange }: Props) {
  const t = useText(text)
  const known = services.some(({ id }) => id === side.service)
  const gone = { value: side.service, label: t('service.gone', { name: side.serviceName }) }
  return (
    <Select
      className="playground-service"
      aria-label={t('service')}
      disabled={disabled}
      showSearch={{ optionFilterProp: 'label' }}
      value={side.service}
      status={known ? undefined : 'warning'}
      options={[
        ...(known ? [] : [{ ...gone, disabled: true }]),
        ...services.map(({ id, name, preset }) => ({
          value: id,
          label: preset ? t('service.preset', { name }) : name,
        })),
      ]}
      onChange={(id) => {
        const chosen = services.find((one) => one.id === id)
        if (chosen !== undefined) onChange(chosen)
      }}
    />
  )
}
