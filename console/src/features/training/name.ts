import type { Instance } from './queries'

/** "worker-1", and with several runs of the task, which run it was. */
export function instanceName(instance: Instance, all: readonly Instance[]): string {
  const name = `${instance.role}-${instance.index}`
  const same = all.filter(({ role, index }) => role === instance.role && index === instance.index)
  return same.length > 1 ? `${name} #${same.indexOf(instance) + 1}` : name
}

export function namesById(all: readonly Instance[]): (id: string) => string {
  const names = new Map(all.map((one) => [one.id, instanceName(one, all)]))
  return (id) => names.get(id) ?? id
}
