import { useQuery } from '@tanstack/react-query'
import { Select } from 'antd'
import { useState } from 'react'
import { usePreference } from '@/base/preferences'
import { useText } from '@/base/text'
import { stateLabel } from '@/ui/states'
import { taskChoices } from '../sources'
import { formText } from './text'

interface Props {
  id?: string
  value?: string[]
  onChange?: (ids: string[]) => void
}

/** Ended without having completed: nothing can start after it. */
const NEVER = new Set(['Abnormal', 'Stopped'])

/** Some of the project's tasks. */
export function TasksPicker({ id, value, onChange }: Props) {
  const f = useText(formText)
  const [language] = usePreference('language')
  const [search, setSearch] = useState('')
  const { data, isFetching } = useQuery(taskChoices(search))
  return (
    <Select<string[]>
      id={id}
      mode="multiple"
      value={value}
      onChange={onChange}
      loading={isFetching}
      showSearch={{ filterOption: false, onSearch: setSearch }}
      notFoundContent={f('after.none')}
      options={(data?.items ?? []).map((task) => ({
        value: task.id,
        label: `${task.name} · ${stateLabel(task.state, language)}`,
        disabled: NEVER.has(task.state),
      }))}
    />
  )
}
