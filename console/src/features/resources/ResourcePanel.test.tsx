import { screen, within } from '@testing-library/react'
import type { QueryClient } from '@tanstack/react-query'
import { expect, test } from 'vitest'
import { draw } from '@/test/render'
import { FreeCards } from './FreeCards'
import { freeIn, holdingPage, oneGroup, type GroupDetail, type Holding } from './queries'
import { testCard, testNode } from './testNode'

const A100 = { model: 'A100', total: 8, free: 5, whole: 0, fragments: 5, shares: true }
const node = testNode({
  name: 'gpu-a',
  group_id: 'rsg-1',
  zone: 'z1',
  cpu_cores: 380,
  cpu_cores_held: 70,
  cards: Array.from({ length: 8 }, (_, index) => testCard(index, index < 3 ? 1 : 0)),
})

function holding(part: Partial<Holding>): Holding {
  return {
    workload_id: 'wl-1',
    kind: 'training',
    owner_id: 'train-1',
    name: 'sweep',
    group_id: 'rsg-1',
    state: 'running',
    nodes: [node.id],
    instances: 1,
    cpu_cores: 2,
    memory_bytes: 2 ** 32,
    gpus: 2,
    words: '2C4G *1',
    started_at: null,
    run_time_s: 60,
    ...part,
  }
}

const group = {
  id: 'rsg-1',
  name: 'lab',
  preset_by_gpu: false,
  cards: [A100],
  amounts: {
    cpu_cores: 380,
    cpu_cores_free: 310,
    memory_bytes: 2 ** 40,
    memory_bytes_free: 2 ** 39,
    cards: 8,
    cards_free: 5,
    card_memory_bytes: 0,
    card_memory_bytes_free: 0,
  },
} as unknown as GroupDetail

function known(client: QueryClient) {
  client.setQueryData(oneGroup('rsg-1').queryKey, group)
  client.setQueryData(freeIn('rsg-1').queryKey, { cards: [A100], nodes: [node] })
  const held = [holding({}), holding({ workload_id: 'wl-2', kind: 'service', name: 'chat' })]
  const params = { limit: 50, order: '-created_at' }
  client.setQueryData(holdingPage('rsg-1', node.id, params).queryKey, {
    items: held,
    next_cursor: null,
    total: held.length,
  })
}

test('free cards stand apart by whole machines and fragments; a node opens to its tasks and services', async () => {
  const { user } = draw(<FreeCards groupId="rsg-1" />, '/', known)
  const free = screen.getByRole('region', { name: 'Free now' })
  expect(free).toHaveTextContent(
    '5 of 8 cards free: 0 on unused machines, 5 on machines partly in use',
  )
  await user.click(within(free).getByRole('button', { name: 'View details' }))
  const panel = await screen.findByRole('dialog')
  const row = within(panel).getByRole('row', { name: /gpu-a/ })
  expect(row).toHaveTextContent('310 of 380 free')
  expect(row).toHaveTextContent('z1')
  await user.click(within(row).getByRole('button', { name: /expand/i }))
  expect(await within(panel).findByText('sweep')).toBeVisible()
  expect(within(panel).getByText('chat')).toBeVisible()
  expect(within(panel).getByText('Service')).toBeVisible()
}, 30_000)
