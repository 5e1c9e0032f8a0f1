import { useQuery } from '@tanstack/react-query'
import { Input, Select } from 'antd'
import { useState } from 'react'
import { Link } from 'react-router'
import { useText } from '@/base/text'
import { repositoryChoices } from '../sources'
import { formText } from './text'

interface Props {
  source: string
  /** Branch, tag or commit; null means the repository's own. */
  refName: string | null
  onChange: (source: string, refName: string | null) => void
}

export function RepositoryPicker({ source, refName, onChange }: Props) {
  const f = useText(formText)
  const [search, setSearch] = useState('')
  const { data, isFetching } = useQuery(repositoryChoices(search))
  const items = data?.items ?? []
  const own = items.find(({ id }) => id === source)?.ref ?? ''
  return (
    <span className="training-pick">
      <Select<string>
        aria-label={f('pick.repository')}
        placeholder={f('pick.repository')}
        value={source === '' ? undefined : source}
        loading={isFetching}
        showSearch={{ filterOption: false, onSearch: setSearch }}
        notFoundContent={
          <div className="sw-pad">
            <Link to="/repositories">{f('pick.noRepository')}</Link>
          </div>
        }
        options={items.map(({ id, name, url }) => ({ value: id, label: name, hint: url }))}
        optionRender={({ data: option }) => (
          <span className="sw-menu-label">
            {option.label}
            <small className="sw-faint">{option.hint}</small>
          </span>
        )}
        onChange={(id) => onChange(id, refName)}
      />
      <Input
        className="training-pick-version sw-mono"
        aria-label={f('pick.ref')}
        placeholder={own === '' ? f('pick.ref') : own}
        value={refName ?? ''}
        onChange={(event) => onChange(source, event.target.value || null)}
      />
    </span>
  )
}
