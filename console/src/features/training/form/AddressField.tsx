import { useQuery } from '@tanstack/react-query'
import { AutoComplete } from 'antd'
import { folderChoices } from '../sources'

interface Props {
  id?: string
  value?: string
  onChange?: (address: string) => void
  placeholder?: string
  'aria-label'?: string
}

/** A storage address `bucket/path`, with the folders that go on from what is written. */
export function AddressField({ id, value = '', onChange, placeholder, ...rest }: Props) {
  const { data } = useQuery(folderChoices(value))
  const found = (data ?? []).filter((address) => address.startsWith(value) && address !== value)
  return (
    <AutoComplete
      id={id}
      aria-label={rest['aria-label']}
      className="training-address-field"
      value={value}
      placeholder={placeholder}
      options={found.map((address) => ({ value: address, label: address }))}
      onChange={(address: string | undefined) => onChange?.(address ?? '')}
    />
  )
}
