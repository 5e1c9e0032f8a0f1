import { QueryClient } from '@tanstack/react-query'
import { render } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import type { ReactNode } from 'react'
import { createMemoryRouter, RouterProvider } from 'react-router'
import { Providers } from '@/shell/Providers'

/** Draws something as the console would: theme, dialogs, router, queries. */
export function draw(children: ReactNode, address = '/') {
  const router = createMemoryRouter([{ path: '*', element: children }], {
    initialEntries: [address],
  })
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  const view = render(
    <Providers client={client}>
      <RouterProvider router={router} />
    </Providers>,
  )
  const search = () => router.state.location.search
  return { ...view, router, search, client, user: userEvent.setup() }
}
