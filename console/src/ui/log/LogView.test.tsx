import { act, screen, waitFor } from '@testing-library/react'
import { beforeEach, expect, test, vi } from 'vitest'
import { draw } from '@/test/render'
import { LogBuffer, MAX_LINES } from './buffer'
import { LogView } from './LogView'
import { findLines, plainText, splitAtMatches } from './search'
import type { LogCategory, LogHandlers, LogLine, LogSource } from './types'

function line(index: number, part: Partial<LogLine> = {}): LogLine {
  const time = new Date(Date.UTC(2026, 0, 1) + index * 1000).toISOString()
  return { time, category: 'code', text: `line ${index}`, instance: 'w-0', ...part }
}

/** A source that writes when the test says so. */
function handSource() {
  let handlers: LogHandlers | null = null
  const source: LogSource = {
    follow: (given) => {
      handlers = given
      given.onStatus('live')
      return () => (handlers = null)
    },
    older: () => Promise.resolve({ lines: [line(-1), line(0)], more: false }),
    downloadUrl: '/log.txt',
  }
  const write = (...lines: LogLine[]) => act(() => handlers?.onLines(lines))
  return {
    source,
    write,
    isFollowed: () => handlers !== null,
    end: () => handlers?.onStatus('ended'),
  }
}

// jsdom lays nothing out; the list draws as many lines as its box is high.
beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(400)
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(800)
})

const ALL: ReadonlySet<LogCategory> = new Set(['code', 'platform', 'health'])

test('lines appear as they are written, and the stream is left with the view', async () => {
  const { source, write, isFollowed } = handSource()
  const { unmount } = draw(<LogView source={source} />)
  expect(screen.getByText('No lines yet')).toBeVisible()
  expect(screen.getByText('Live')).toBeVisible()
  write(line(1), line(2))
  expect(await screen.findByText('line 2')).toBeVisible()
  unmount()
  expect(isFollowed()).toBe(false)
})

test('search marks and counts matches, walks them with Enter, and can hide the others', async () => {
  const { source, write } = handSource()
  const { user } = draw(<LogView source={source} />)
  write(line(1, { text: 'loss 0.5' }), line(2), line(3, { text: 'LOSS 0.4' }))
  await user.type(screen.getByRole('searchbox', { name: 'Search in the log' }), 'loss')
  expect(await screen.findByText('1 of 2')).toBeVisible()
  expect(screen.getAllByText(/loss/i, { selector: 'mark' })).toHaveLength(2)
  await user.keyboard('{Enter}')
  expect(await screen.findByText('2 of 2')).toBeVisible()
  await user.click(screen.getByRole('button', { name: 'Only lines that match' }))
  await waitFor(() => expect(screen.queryByText('line 2')).not.toBeInTheDocument())
})

test('categories can be switched off', async () => {
  const { source, write } = handSource()
  const { user } = draw(<LogView source={source} />)
  write(line(1), line(2, { category: 'platform', text: 'mounting' }))
  expect(await screen.findByText('mounting')).toBeVisible()
  await user.click(screen.getByRole('button', { name: 'Platform', pressed: true }))
  await waitFor(() => expect(screen.queryByText('mounting')).not.toBeInTheDocument())
  expect(screen.getByText('line 1')).toBeVisible()
})

test('a buffer keeps the newest lines and fetches older ones without doubling any', async () => {
  const { source, write } = handSource()
  const buffer = new LogBuffer(source)
  const heard = vi.fn()
  const stop = buffer.subscribe(heard)
  write(...Array.from({ length: MAX_LINES + 1 }, (_, index) => line(index - 1)))
  await waitFor(() => expect(buffer.read().lines).toHaveLength(MAX_LINES))
  expect(buffer.read()).toMatchObject({ moreBefore: true, status: 'live' })
  await buffer.loadOlder()
  expect(
    buffer
      .read()
      .lines.slice(0, 3)
      .map(({ text }) => text),
  ).toEqual(['line -1', 'line 0', 'line 1'])
  expect(buffer.read().moreBefore).toBe(false)
  stop()
})

test('colours and overwritten progress of terminals do not show', () => {
  expect(plainText('\u001b[32mok\u001b[0m done')).toBe('ok done')
  expect(plainText(' 10%\r 50%\r100%')).toBe('100%')
  expect(plainText('100%\r')).toBe('100%')
})

test('matches are found whatever the letter case', () => {
  const lines = [line(1, { text: 'Error: a' }), line(2), line(3, { text: 'an ERROR' })]
  const filter = { words: 'error', onlyMatches: false, categories: ALL }
  expect(findLines(lines, filter).matches).toEqual([0, 2])
  expect(findLines(lines, { ...filter, onlyMatches: true }).matches).toEqual([0, 1])
  expect(splitAtMatches('an ERROR, error', 'error')).toEqual(['an ', 'ERROR', ', ', 'error', ''])
})
