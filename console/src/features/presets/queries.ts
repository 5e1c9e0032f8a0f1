import { api, call } from '@/api/client'
import { listQuery } from '@/api/queries'
import type { Schema } from '@/api/types'

export type Preset = Schema<'PresetServiceView'>

/** Refreshed with every event of a service: what is used of the free trial comes with it. */
export const presetServices = () =>
  listQuery('service', 'presets', (signal) => call(api.GET('/api/v1/preset-services', { signal })))
