import { screen, waitFor, within } from '@testing-library/react'
import { beforeEach, expect, test, vi } from 'vitest'
import { Problem } from '@/base/problem'
import { setPreference } from '@/base/preferences'
import { draw } from '@/test/render'
import { ListPage, type ListData } from './ListPage'
import { localPage, useListState } from './listState'

interface Row {
  id: string
  name: string
  state: string
}

const ROWS: Row[] = Array.from({ length: 12 }, (_, index) => ({
  id: `t-${index}`,
  name: `task ${index}`,
  state: index % 2 === 0 ? 'Running' : 'Stopped',
}))

interface Props {
  rows?: Row[]
  error?: Error | null
  refetch?: () => void
  onStop?: (row: Row) => void
}

function Page({ rows = ROWS, error = null, refetch = () => undefined, onStop }: Props) {
  const list = useListState({ filters: ['state', 'mine', 'tag'] })
  const state = list.filters.state ?? []
  const wanted = rows.filter((row) => state.length === 0 || state.includes(row.state))
  const data = error === null ? localPage(wanted, list.params, (row) => row.name) : undefined
  const query: ListData<Row> = { data, error, isFetching: false, refetch }
  return (
    <ListPage
      title="Tasks"
      list={list}
      query={query}
      rowKey={(row) => row.id}
      rowName={(row) => row.name}
      columns={[{ key: 'name', title: 'Name', sortBy: 'name', render: (row) => row.name }]}
      filters={[
        {
          kind: 'choice',
          key: 'state',
          label: 'State',
          options: [
            { value: 'Running', label: 'Running' },
            { value: 'Stopped', label: 'Stopped' },
          ],
        },
        { kind: 'switch', key: 'mine', label: 'Mine' },
        { kind: 'words', key: 'tag', label: 'Tag', hint: 'key:value' },
      ]}
      actions={(row) => [
        {
          key: 'stop',
          label: 'Stop',
          blocked: row.state === 'Running' ? null : 'It does not run.',
          run: () => onStop?.(row),
        },
      ]}
      empty={<p>Make your first task</p>}
    />
  )
}

beforeEach(() => setPreference('pageSize', 5))

const rowNames = () =>
  screen.getAllByRole('row').flatMap((row) => /task \d+/.exec(row.textContent)?.[0] ?? [])

test('the address says what is shown, so a link shows the same', () => {
  draw(<Page />, '/?search=task+4%7Ctask+1&state=Running')
  expect(rowNames()).toEqual(['task 4', 'task 10'])
  expect(screen.getByRole('searchbox', { name: 'Search' })).toHaveValue('task 4|task 1')
})

test('searching goes back to the first page and into the address', async () => {
  const { user, search } = draw(<Page />, '/?cursor=5&page=2')
  await user.type(screen.getByRole('searchbox', { name: 'Search' }), 'task 3{Enter}')
  await waitFor(() => expect(search()).toBe('?search=task+3'))
  expect(rowNames()[0]).toBe('task 3')
})

test('paging forth and back walks the same pages', async () => {
  const { user, search } = draw(<Page />)
  await user.click(screen.getByRole('button', { name: 'Next page' }))
  await user.click(screen.getByRole('button', { name: 'Next page' }))
  expect(search()).toBe('?cursor=10&page=3')
  expect(rowNames()).toHaveLength(2)
  expect(screen.getByRole('button', { name: 'Next page' })).toBeDisabled()
  await user.click(screen.getByRole('button', { name: 'Previous page' }))
  expect(search()).toBe('?cursor=5&page=2')
  await user.click(screen.getByRole('button', { name: 'Previous page' }))
  expect(rowNames()[0]).toBe('task 0')
  expect(screen.getByText('12 in all')).toBeVisible()
})

test('a click on the head of a column changes the order in the address', async () => {
  const { user, search } = draw(<Page />)
  await user.click(screen.getByRole('columnheader', { name: /Name/ }))
  await waitFor(() => expect(search()).toBe('?order=-name'))
  await user.click(screen.getByRole('columnheader', { name: /Name/ }))
  await waitFor(() => expect(search()).toBe('?order=name'))
})

test('filters are chosen from a menu, shown as chips and taken away one by one', async () => {
  const { user, search } = draw(<Page />)
  await user.click(screen.getByRole('button', { name: 'State' }))
  await user.click(await screen.findByRole('menuitem', { name: 'Stopped' }))
  await waitFor(() => expect(search()).toBe('?state=Stopped'))
  expect(rowNames()[0]).toBe('task 1')
  await user.click(screen.getByRole('button', { name: 'Mine' }))
  expect(screen.getByRole('button', { name: 'Mine', pressed: true })).toBeVisible()
  await user.click(screen.getByLabelText('Remove Stopped'))
  await waitFor(() => expect(search()).toBe('?mine=true'))
})

test('a tag is typed and confirmed with Enter', async () => {
  const { user, search } = draw(<Page />)
  await user.click(screen.getByRole('button', { name: 'Tag' }))
  await user.type(await screen.findByPlaceholderText('key:value'), 'team:vision{Enter}')
  await waitFor(() => expect(search()).toBe('?tag=team%3Avision'))
})

test('nothing at all invites to begin; nothing found offers to clear the filters', async () => {
  const { unmount } = draw(<Page rows={[]} />)
  expect(screen.getByText('Make your first task')).toBeVisible()
  unmount()
  const { user, search } = draw(<Page />, '/?search=zebra')
  await user.click(screen.getByRole('button', { name: 'Clear filters' }))
  await waitFor(() => expect(search()).toBe(''))
})

test('a failure says what happened and can be tried again', async () => {
  const refetch = vi.fn()
  const { user } = draw(<Page error={new Problem(503, 'busy', 'Later.')} refetch={refetch} />)
  expect(screen.getByRole('alert')).toHaveTextContent('Later.')
  await user.click(screen.getByRole('button', { name: 'Try again' }))
  expect(refetch).toHaveBeenCalledOnce()
})

test('a blocked action does nothing and tells the reason on focus', async () => {
  const onStop = vi.fn()
  const { user } = draw(<Page onStop={onStop} />)
  const row = screen.getByRole('row', { name: /task 1 / })
  const stop = within(row).getByRole('button', { name: 'Stop' })
  expect(stop).toHaveAttribute('aria-disabled', 'true')
  await user.click(stop)
  expect(onStop).not.toHaveBeenCalled()
  expect(await screen.findByRole('tooltip')).toHaveTextContent('It does not run.')
  const running = screen.getByRole('row', { name: /task 0 / })
  await user.click(within(running).getByRole('button', { name: 'Stop' }))
  expect(onStop).toHaveBeenCalledWith(ROWS[0])
})
