import '@testing-library/jest-dom/vitest'
import { cleanup, configure } from '@testing-library/react'
import { afterEach, beforeEach, expect, vi } from 'vitest'

// Whether each ancestor is visible takes jsdom seconds to find out in a table.
configure({ defaultHidden: true, asyncUtilTimeout: 5_000 })

// What browsers have and jsdom lacks, with the plainest behaviour.
window.matchMedia = (media: string): MediaQueryList =>
  Object.assign(new EventTarget(), {
    matches: media.includes('reduced-motion'), // nothing to wait for
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
  setPreference('theme', 'light')
  setPreference('pageSize', 20)
})

// React and antd say what is wrong or deprecated on the console: it fails the test.
const complaints: unknown[][] = []
beforeEach(() => {
  complaints.length = 0
  vi.spyOn(console, 'error').mockImplementation((...words) => void complaints.push(words))
  vi.spyOn(console, 'warn').mockImplementation((...words) => void complaints.push(words))
})

afterEach(() => {
  cleanup()
  expect(complaints).toEqual([])
})
