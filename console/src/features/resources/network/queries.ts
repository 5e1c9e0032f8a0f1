import { api, call } from '@/api/client'
import { listQuery } from '@/api/queries'
import type { Schema } from '@/api/types'

export type Profile = Schema<'NetworkProfileView'>

export const profileList = () =>
  listQuery('network-profile', null, (signal) =>
    call(api.GET('/api/v1/network-profiles', { signal })),
  )

const of = (gpu_model: string) => ({ params: { path: { gpu_model } } })

export function saveProfile({ gpu_model, variables }: Pick<Profile, 'gpu_model' | 'variables'>) {
  return call(
    api.PUT('/api/v1/network-profiles/{gpu_model}', { ...of(gpu_model), body: { variables } }),
  )
}

export function deleteProfile(gpu_model: string) {
  return call(api.DELETE('/api/v1/network-profiles/{gpu_model}', of(gpu_model)))
}
