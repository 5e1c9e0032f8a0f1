import { expect, test } from 'vitest'
import { formatBytes, formatDuration, formatMetric, formatRelative, formatTime } from './format'

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.0 KiB'],
  [1536, '1.5 KiB'],
  [123_456_789, '118 MiB'],
  [2 ** 50 * 3, '3.0 PiB'],
])('%d bytes are %s', (bytes, words) => {
  expect(formatBytes(bytes)).toBe(words)
})

test.each([
  [0.25, '250ms'],
  [7.84, '7.8s'],
  [59.4, '59s'],
  [245, '4m 05s'],
  [3792, '1h 03m'],
  [90_061, '1d 1h'],
])('%d seconds are %s', (seconds, words) => {
  expect(formatDuration(seconds)).toBe(words)
})

test.each([
  [0.123456, '0.1235'],
  [3, '3'],
  [0.00001234, '1.23e-5'],
  [0, '0'],
])('the metric %d is shown as %s', (value, words) => {
  expect(formatMetric(value)).toBe(words)
})

test('a relative time follows the language', () => {
  const now = new Date('2026-11-20T12:00:00Z')
  const before = new Date('2026-11-20T11:55:00Z')
  expect(formatRelative(before, now, 'en')).toBe('5 min. ago')
  expect(formatRelative(before, now, 'zh')).toBe('5分钟前')
  expect(formatRelative(now, now, 'en')).toBe('now')
})

test('a time in UTC does not depend on where the reader is', () => {
  expect(formatTime(new Date('2026-11-20T12:00:00.123Z'), 'utc')).toBe('2026-11-20 12:00:00')
  expect(formatTime(new Date('2026-11-20T12:00:00.123Z'), 'utc', true)).toBe(
    '2026-11-20 12:00:00.123',
  )
})
