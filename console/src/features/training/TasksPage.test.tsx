import { screen, within } from '@testing-library/react'
import type { QueryClient } from '@tanstack/react-query'
import { expect, test } from 'vitest'
import { meQuery, type Me } from '@/api/session'
import { draw } from '@/test/render'
import type { Task } from './queries'
import { taskList } from './queries'
import { TasksPage } from './TasksPage'

function task(part: Partial<Task>): Task {
  return {
    id: 'train-1',
    name: 'one',
    description: '',
    tags: {},
    site: 'local',
    state: 'Running',
    reason: '',
    environment: 'python',
    mode: 'single',
    resource_group: 'rsg-local',
    instances: 1,
    cpu_cores: 1,
    memory_bytes: 2 ** 30,
    gpus: 0,
    flavour: null,
    restarts: 0,
    evictions: 0,
    reschedules: 0,
    roles: [],
    priority: 2,
    output: 'b/training/train-1/',
    creator_id: 'u-1',
    creator: 'ann',
    created_at: '2026-11-20T12:00:00Z',
    updated_at: '2026-11-20T12:00:00Z',
    queued_at: '2026-11-20T12:00:00Z',
    started_at: null,
    ended_at: null,
    run_time_s: null,
    blocked: { stop: null, start: 'It runs.', delete: 'Stop it first.', publish: 'Not done.' },
    ...part,
  }
}

const ME = { user: { id: 'u-1', name: 'ann', is_admin: true }, projects: [] } as unknown as Me

const withTasks =
  (...items: Task[]) =>
  (client: QueryClient) => {
    client.setQueryData(meQuery.queryKey, ME)
    client.setQueryData(['project', 'all'], { items: [] })
    const params = { limit: 20, order: '-created_at' }
    client.setQueryData(taskList(params).queryKey, {
      items,
      next_cursor: null,
      total: items.length,
    })
  }

const row = (name: string) => screen.getByRole('row', { name: new RegExp(name) })

test('a row says what runs on what, and how it ended', () => {
  const done = task({
    name: 'done',
    state: 'Completed',
    instances: 2,
    gpus: 1,
    started_at: '2026-11-20T12:00:00Z',
    ended_at: '2026-11-20T12:04:05Z',
    run_time_s: 245,
    blocked: { stop: 'It is over.', start: 'Only a stopped one.', delete: null, publish: null },
  })
  draw(<TasksPage />, '/', withTasks(done))
  expect(row('done')).toHaveTextContent('2 × 1 CPU · 1.0 GiB · 1 GPU')
  expect(row('done')).toHaveTextContent('4m 05s')
  expect(within(row('done')).getByRole('button', { name: 'Start' })).toHaveAttribute(
    'aria-disabled',
    'true',
  )
})

test('a task that waits leads to the queue and says what it waits for', async () => {
  const waits = task({ name: 'waits', state: 'Queued', reason: 'Waiting for 4 cores.' })
  const { user } = draw(<TasksPage />, '/', withTasks(waits))
  const link = within(row('waits')).getByRole('link', { name: 'Queued' })
  expect(link).toHaveAttribute('href', '/resources/rsg-local/tasks?show=queued')
  await user.hover(link)
  expect(await screen.findByRole('tooltip')).toHaveTextContent(/priority P2.*Waiting for 4 cores./)
})

test('deleting offers to take the outputs along, and wants the name', async () => {
  const over = task({
    name: 'over',
    state: 'Stopped',
    blocked: { stop: 'It is over.', start: null, delete: null, publish: 'Not done.' },
  })
  const { user } = draw(<TasksPage />, '/', withTasks(over))
  await user.click(screen.getByRole('button', { name: 'More actions: over' }))
  await user.click(await screen.findByRole('menuitem', { name: 'Delete' }))
  const dialog = await screen.findByRole('dialog')
  expect(within(dialog).getByRole('checkbox')).not.toBeChecked()
  expect(within(dialog).getByRole('button', { name: 'Delete' })).toBeDisabled()
  await user.type(within(dialog).getByRole('textbox'), 'over')
  expect(within(dialog).getByRole('button', { name: 'Delete' })).toBeEnabled()
}, 20_000)

test('an empty list leads on to a first task', () => {
  draw(<TasksPage />, '/', withTasks())
  expect(screen.getByRole('button', { name: 'Try a recipe' })).toBeVisible()
})
