import { useQueryClient } from '@tanstack/react-query'
import { Suspense, useEffect, useState } from 'react'
import { Outlet, useLocation } from 'react-router'
import { useEventStream } from '@/api/events'
import { useText } from '@/base/text'
import { ErrorBoundary } from '@/ui/ErrorBoundary'
import { CommandPalette } from './CommandPalette'
import { Navigation } from './Navigation'
import { PageWait } from './PageWait'
import { text } from './text'
import { Topbar } from './Topbar'

export function Shell() {
  const t = useText(text)
  const { pathname } = useLocation()
  const [jumping, setJumping] = useState(false)
  useEventStream(useQueryClient(), null)
  usePaletteKey(() => setJumping((open) => !open))
  return (
    <div className="sw-shell">
      <a href="#content" className="sw-skip">
        {t('skip')}
      </a>
      <Navigation />
      <div className="sw-body">
        <Topbar onJump={() => setJumping(true)} />
        <main id="content" tabIndex={-1} className="sw-main">
          <ErrorBoundary resetKey={pathname}>
            <Suspense fallback={<PageWait />}>
              <Outlet />
            </Suspense>
          </ErrorBoundary>
        </main>
      </div>
      <CommandPalette open={jumping} onClose={() => setJumping(false)} />
    </div>
  )
}

function usePaletteKey(toggle: () => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return
      event.preventDefault() // browsers use it for their own search
      toggle()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  })
}
