import { useRouteError } from 'react-router'
import { Crash } from '@/ui/ErrorBoundary'

/** Most often a page's code that could not be fetched: the server was updated, or is away. */
export function RouteError() {
  return (
    <div className="sw-page">
      <Crash error={useRouteError()} />
    </div>
  )
}
