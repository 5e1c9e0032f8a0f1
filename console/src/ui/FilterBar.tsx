import { CloseOutlined, DownOutlined, SearchOutlined } from '@ant-design/icons'
import { Button, Dropdown, Input, Popover, Tag } from 'antd'
import { useState } from 'react'
import { useText } from '@/base/text'
import type { ListState } from './listState'
import { text } from './text'

export type Filter =
  | { kind: 'choice'; key: string; label: string; options: readonly FilterOption[] }
  /** On or off, sent as `key=true`. */
  | { kind: 'switch'; key: string; label: string }
  /** Free words, several of them: `tag=key:value`. */
  | { kind: 'words'; key: string; label: string; hint: string }

export interface FilterOption {
  value: string
  label: string
}

interface Props {
  list: ListState
  filters: readonly Filter[]
  searchHint?: string
}

export function FilterBar({ list, filters, searchHint }: Props) {
  const t = useText(text)
  return (
    <div className="sw-filters">
      {/* A new search in the address (back, a link) gives the box its new text. */}
      <SearchBox key={list.search} list={list} label={searchHint ?? t('search')} />
      {filters.map((filter) => (
        <FilterButton key={filter.key} filter={filter} list={list} />
      ))}
      <Chips list={list} filters={filters} />
    </div>
  )
}

function SearchBox({ list, label }: { list: ListState; label: string }) {
  const t = useText(text)
  const [typed, setTyped] = useState(list.search)
  const submit = (words: string) => words !== list.search && list.setSearch(words)
  return (
    <Input
      className="sw-search"
      type="search"
      prefix={<SearchOutlined aria-hidden />}
      aria-label={label}
      title={t('search.hint')}
      placeholder={label}
      value={typed}
      allowClear
      onChange={(event) => {
        setTyped(event.target.value)
        if (event.target.value === '') submit('')
      }}
      onPressEnter={() => submit(typed)}
      onBlur={() => submit(typed)}
    />
  )
}

function FilterButton({ filter, list }: { filter: Filter; list: ListState }) {
  const values = list.filters[filter.key] ?? []
  if (filter.kind === 'switch') {
    const on = values.includes('true')
    return (
      <Button
        className="sw-filter"
        aria-pressed={on}
        data-on={on}
        onClick={() => list.setFilter(filter.key, on ? [] : ['true'])}
      >
        {filter.label}
      </Button>
    )
  }
  const face = (
    <Button
      className="sw-filter"
      data-on={values.length > 0}
      icon={<DownOutlined aria-hidden />}
      iconPlacement="end"
    >
      {filter.label}
    </Button>
  )
  if (filter.kind === 'words') return <WordsFilter filter={filter} list={list} face={face} />
  return (
    <Dropdown
      trigger={['click']}
      menu={{
        items: filter.options.map(({ value, label }) => ({ key: value, label })),
        selectable: true,
        multiple: true,
        selectedKeys: values,
        onSelect: ({ selectedKeys }) => list.setFilter(filter.key, selectedKeys),
        onDeselect: ({ selectedKeys }) => list.setFilter(filter.key, selectedKeys),
      }}
    >
      {face}
    </Dropdown>
  )
}

interface WordsProps {
  filter: Extract<Filter, { kind: 'words' }>
  list: ListState
  face: React.ReactNode
}

function WordsFilter({ filter, list, face }: WordsProps) {
  const [typed, setTyped] = useState('')
  const values = list.filters[filter.key] ?? []
  const add = () => {
    const word = typed.trim()
    if (word !== '' && !values.includes(word)) list.setFilter(filter.key, [...values, word])
    setTyped('')
  }
  const content = (
    <Input
      autoFocus
      aria-label={filter.label}
      placeholder={filter.hint}
      value={typed}
      onChange={(event) => setTyped(event.target.value)}
      onPressEnter={add}
    />
  )
  return (
    <Popover trigger="click" placement="bottomLeft" content={content} destroyOnHidden>
      {face}
    </Popover>
  )
}

/** What narrows the list now, each part with its cross. */
function Chips({ list, filters }: { list: ListState; filters: readonly Filter[] }) {
  const t = useText(text)
  const chips = filters
    .filter((filter) => filter.kind !== 'switch')
    .flatMap((filter) =>
      (list.filters[filter.key] ?? []).map((value) => ({
        filter,
        value,
        label: labelOf(filter, value),
      })),
    )
  if (chips.length === 0) return null
  return (
    <span className="sw-chips">
      {chips.map(({ filter, value, label }) => (
        <Tag
          key={`${filter.key} ${value}`}
          closable
          variant="filled"
          closeIcon={<CloseOutlined aria-label={`${t('remove')} ${label}`} />}
          onClose={(event) => {
            event.preventDefault()
            list.setFilter(
              filter.key,
              (list.filters[filter.key] ?? []).filter((v) => v !== value),
            )
          }}
        >
          {filter.label}: {label}
        </Tag>
      ))}
      <Button type="link" size="small" onClick={list.clearFilters}>
        {t('clearAll')}
      </Button>
    </span>
  )
}

function labelOf(filter: Filter, value: string): string {
  const options = filter.kind === 'choice' ? filter.options : []
  return options.find((option) => option.value === value)?.label ?? value
}
