import { api, call } from '@/api/client'
import { listQuery } from '@/api/queries'
import type { Schema } from '@/api/types'

export type Service = Schema<'ServiceView'>

const MOST_SERVICES = 100

/** Language models of the project; what is stopped stays out. */
export const chatServices = () =>
  listQuery('service', 'playground', async (signal) => {
    const query = { limit: MOST_SERVICES, order: 'name', state: ['Normal'] }
    const page = await call(api.GET('/api/v1/services', { params: { query }, signal }))
    return page.items.filter(({ llm }) => llm)
  })
