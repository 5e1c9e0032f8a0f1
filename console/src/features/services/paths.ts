/** `ms-x-1` is the first version of the service `ms-x`. */
export function versionPath(version: string): string {
  return `/services/${version.replace(/-\d+$/, '')}/versions/${version}`
}

/** `ms-x-1-abcde` is a replica of the version `ms-x-1`. */
export function replicaPath(replica: string): string {
  return `${versionPath(replica.replace(/-[a-z0-9]+$/, ''))}/instances`
}
