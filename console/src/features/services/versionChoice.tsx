import { Select } from 'antd'
import { useSearchParams } from 'react-router'
import { useText } from '@/base/text'
import type { ServiceDetail, Version } from './queries'
import { text } from './text'

/** A part of the address that keeps the others: `?version=`, `?range=`. */
export function useAddressPart(name: string): [string | null, (value: string | null) => void] {
  const [query, setQuery] = useSearchParams()
  const set = (value: string | null) => {
    const next = new URLSearchParams(query)
    if (value === null) next.delete(name)
    else next.set(name, value)
    setQuery(next, { replace: true })
  }
  return [query.get(name), set]
}

/** The version that a tab is about: the one in the address, else the one with most traffic. */
export function useVersion(service: ServiceDetail): Version | undefined {
  const [asked] = useAddressPart('version')
  const most = service.items.toSorted((a, b) => b.weight - a.weight || b.number - a.number)
  return service.items.find(({ id }) => id === asked) ?? most[0]
}

/** Shown where there is a choice. */
export function VersionSelect({ service }: { service: ServiceDetail }) {
  const t = useText(text)
  const version = useVersion(service)
  const [, setVersion] = useAddressPart('version')
  if (service.items.length < 2) return null
  return (
    <Select
      className="services-choice"
      aria-label={t('version')}
      value={version?.id}
      onChange={(id: string) => setVersion(id)}
      options={service.items.map(({ id, name }) => ({ value: id, label: `${name} · ${id}` }))}
    />
  )
}
