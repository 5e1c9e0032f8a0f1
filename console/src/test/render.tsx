import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { render } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { ConfigProvider } from 'antd'
import type { ReactNode } from 'react'
import { createMemoryRouter, RouterProvider } from 'react-router'
import { ConfirmProvider } from '@/ui/Confirm'

/** Still and unstyled: jsdom shows neither, and making the styles takes most of the time. */
const BARE = { zeroRuntime: true, token: { motion: false } }

/** Draws something as the console would: dialogs, router, queries. */
export function draw(children: ReactNode, address = '/', prepare?: (client: QueryClient) => void) {
  const router = createMemoryRouter([{ path: '*', element: children }], {
    initialEntries: [address],
  })
  const client = new QueryClient({
    defaultOptions: { queries: { retry: false, staleTime: Infinity } },
  })
  prepare?.(client)
  const view = render(
    <QueryClientProvider client={client}>
      <ConfigProvider theme={BARE} button={{ autoInsertSpace: false }}>
        <ConfirmProvider>
          <RouterProvider router={router} />
        </ConfirmProvider>
      </ConfigProvider>
    </QueryClientProvider>,
  )
  const search = () => router.state.location.search
  return { ...view, router, search, client, user: userEvent.setup({ delay: null }) }
}
