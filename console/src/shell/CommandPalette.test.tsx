import { screen } from '@testing-library/react'
import { expect, test, vi } from 'vitest'
import { meQuery, projectsQuery, type Me } from '@/api/session'
import { getPreference } from '@/base/preferences'
import { draw } from '@/test/render'
import { CommandPalette } from './CommandPalette'

const USER: Me['user'] = {
  id: 'user-1',
  name: 'wang',
  display_name: 'Wang',
  is_admin: false,
  enabled: true,
  created_at: '2026-01-01T00:00:00Z',
  last_login_at: null,
  last_login_from: null,
}

/** The palette for someone signed in: who that is was fetched before. */
function open(part: Partial<Me['user']> = {}) {
  const onClose = vi.fn()
  const me: Me = { user: { ...USER, ...part }, projects: [] }
  const drawn = draw(<CommandPalette open onClose={onClose} />, '/', (client) => {
    client.setQueryData(meQuery.queryKey, me)
    client.setQueryData(projectsQuery.queryKey, { items: [] })
  })
  return { ...drawn, onClose }
}

const options = () => screen.getAllByRole('option').map((option) => option.textContent)

test('a page is found by letters of its name and opened with Enter', async () => {
  const { user, router, onClose } = open()
  await user.type(screen.getByRole('combobox'), 'stor')
  expect(options()).toEqual(['StorageData'])
  await user.keyboard('{Enter}')
  expect(router.state.location.pathname).toBe('/storage')
  expect(onClose).toHaveBeenCalledOnce()
})

test('arrows walk the list round, and the box names what is chosen', async () => {
  const { user, router } = open()
  const box = screen.getByRole('combobox')
  await user.type(box, 'mode{ArrowUp}{ArrowDown}{ArrowDown}{ArrowUp}')
  const chosen = screen.getByRole('option', { selected: true })
  expect(box).toHaveAttribute('aria-activedescendant', chosen.id)
  await user.click(chosen)
  expect(router.state.location.pathname).toBe('/models')
})

test('pages that one may not see are not offered', async () => {
  const { user, unmount } = open()
  await user.type(screen.getByRole('combobox'), 'users')
  expect(screen.getByText('No page of that name')).toBeVisible()
  unmount()
  const admin = open({ is_admin: true })
  await admin.user.type(screen.getByRole('combobox'), 'users')
  expect(options()).toEqual(['UsersSettings'])
})

test('appearance and language are switched from here too', async () => {
  const { user } = open()
  await user.type(screen.getByRole('combobox'), 'dark{Enter}')
  expect(getPreference('theme')).toBe('dark')
  await user.clear(screen.getByRole('combobox'))
  await user.type(screen.getByRole('combobox'), '中文{Enter}')
  expect(getPreference('language')).toBe('zh')
})
