import { Select } from 'antd'
import { createContext, useContext } from 'react'
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

const Only = createContext<string | null>(null)

/** Below it every tab is about one version, and none is chosen. */
export const OneVersion = Only.Provider

export const useOnly = () => useContext(Only)

/** The version that a tab is about: the page's, the one in the address, or that with most traffic. */
export function useVersion(service: ServiceDetail): Version | undefined {
  const only = useOnly()
  const [inAddress] = useAddressPart('version')
  const asked = only ?? inAddress
  const most = service.items.toSorted((a, b) => b.weight - a.weight || b.number - a.number)
  return service.items.find(({ id }) => id === asked) ?? most[0]
}

/** Shown where there is a choice. */
export function VersionSelect({ service }: { service: ServiceDetail }) {
  const t = useText(text)
  const version = useVersion(service)
  const [, setVersion] = useAddressPart('version')
  const only = useOnly()
  if (service.items.length < 2 || only !== null) return null
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
