import { api, call } from '@/api/client'
import { listQuery } from '@/api/queries'

/** Datasets that exports have made: their rows lie in the playground's folder. */
export const datasetsOfPlayground = () =>
  listQuery('dataset', 'playground', async (signal) => {
    const query = { limit: 200, order: '-updated_at' }
    const page = await call(api.GET('/api/v1/datasets', { params: { query }, signal }))
    return page.items.filter(
      ({ kind, address, name }) => kind === 'llm' && address.endsWith(`/playground/${name}/`),
    )
  })
