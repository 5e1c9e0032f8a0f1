import '@testing-library/jest-dom/vitest'
import { cleanup } from '@testing-library/react'
import { afterEach, beforeEach } from 'vitest'

// What browsers have and jsdom lacks, with the plainest behaviour.
window.matchMedia = (media: string): MediaQueryList =>
  Object.assign(new EventTarget(), {
    matches: false,
    media,
    onchange: null,
    addListener: () => undefined,
    removeListener: () => undefined,
  })

class StillObserver implements ResizeObserver {
  observe(): void {
    // Nothing changes its size here.
  }
  unobserve(): void {
    // See observe.
  }
  disconnect(): void {
    // See observe.
  }
}
window.ResizeObserver = StillObserver
Element.prototype.scrollTo = () => undefined

// jsdom draws nothing, so it has no styles of pseudo elements; antd asks for the scrollbar's.
const styleOf = window.getComputedStyle.bind(window)
window.getComputedStyle = (element) => styleOf(element)

const { setPreference } = await import('@/base/preferences')

beforeEach(() => {
  window.history.replaceState(null, '', '/')
  setPreference('language', 'en')
  setPreference('pageSize', 20)
})

afterEach(cleanup)
