import { screen, waitFor } from '@testing-library/react'
import { expect, test, vi } from 'vitest'
import { Problem } from '@/base/problem'
import { draw } from '@/test/render'
import { Actions, type Action } from './actions'

const remove = (run: () => unknown): Action => ({
  key: 'delete',
  label: 'Delete',
  danger: true,
  confirm: {
    title: 'Delete the bucket raw?',
    message: 'It cannot be brought back.',
    action: 'Delete for ever',
    danger: true,
    typeName: 'raw',
  },
  run,
})

test('what cannot be undone waits until the name is typed', async () => {
  const run = vi.fn()
  const { user } = draw(<Actions actions={[remove(run)]} />)
  await user.click(screen.getByRole('button', { name: 'Delete' }))
  const sure = await screen.findByRole('button', { name: 'Delete for ever' })
  expect(sure).toBeDisabled()
  await user.type(screen.getByLabelText('Type raw to confirm'), 'raw')
  await user.click(sure)
  await waitFor(() => expect(run).toHaveBeenCalledOnce())
})

test('cancelling does nothing, and the next question starts empty', async () => {
  const run = vi.fn()
  const { user } = draw(<Actions actions={[remove(run)]} />)
  await user.click(screen.getByRole('button', { name: 'Delete' }))
  await user.type(await screen.findByLabelText('Type raw to confirm'), 'raw')
  await user.click(screen.getByRole('button', { name: 'Cancel' }))
  await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument())
  await user.click(screen.getByRole('button', { name: 'Delete' }))
  expect(await screen.findByLabelText('Type raw to confirm')).toHaveValue('')
  expect(run).not.toHaveBeenCalled()
})

test('what goes wrong is told', async () => {
  const run = () => Promise.reject(new Problem(409, 'busy', 'A task uses it. Stop it first.'))
  const { user } = draw(<Actions actions={[{ key: 'x', label: 'Move', run }]} />)
  await user.click(screen.getByRole('button', { name: 'Move' }))
  expect(await screen.findByText('A task uses it. Stop it first.')).toBeVisible()
})

test('what does not fit stands in a menu, blocked ones with their reason', async () => {
  const run = vi.fn()
  const all: Action[] = ['a', 'b', 'c', 'd'].map((key) => ({ key, label: `Do ${key}`, run }))
  const actions = [...all, { key: 'e', label: 'Do e', blocked: 'Not while it runs.', run }]
  const { user } = draw(<Actions actions={actions} of="task 1" />)
  await user.click(screen.getByRole('button', { name: 'More actions: task 1' }))
  const blocked = await screen.findByRole('menuitem', { name: /Do e/ })
  expect(blocked).toHaveTextContent('Not while it runs.')
  await user.click(blocked)
  expect(run).not.toHaveBeenCalled()
  await user.click(screen.getByRole('menuitem', { name: 'Do d' }))
  await waitFor(() => expect(run).toHaveBeenCalledOnce())
})
