/** Numbers into text. Pure; the components around them are in `ui/`. */

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const

export function formatBytes(bytes: number, digits = 1): string {
  const step = bytes > 0 ? Math.min(Math.floor(Math.log2(bytes) / 10), BYTE_UNITS.length - 1) : 0
  const value = bytes / 1024 ** Math.max(step, 0)
  const shown = step <= 0 ? String(Math.round(value)) : value.toFixed(value >= 100 ? 0 : digits)
  return `${shown} ${BYTE_UNITS[Math.max(step, 0)] ?? 'B'}`
}

/** 3h 12m, 4m 05s, 12.3s, 840ms. Two units are enough to compare by eye. */
export function formatDuration(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)}ms`
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)}s`
  const whole = Math.round(seconds)
  const days = Math.floor(whole / 86400)
  const hours = Math.floor((whole % 86400) / 3600)
  const minutes = Math.floor((whole % 3600) / 60)
  if (days > 0) return `${days}d ${hours}h`
  if (hours > 0) return `${hours}h ${pad(minutes)}m`
  return `${minutes}m ${pad(whole % 60)}s`
}

export function formatCount(value: number, language: string): string {
  return new Intl.NumberFormat(language).format(value)
}

/** Up to four significant digits: enough for a metric in a table or a tooltip. */
export function formatMetric(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return String(value)
  const size = Math.abs(value)
  return size !== 0 && (size < 1e-3 || size >= 1e6)
    ? value.toExponential(2)
    : Number(value.toPrecision(4)).toString()
}

const RELATIVE_STEPS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
]

/** "5 minutes ago"; below a minute, "now". */
export function formatRelative(time: Date, now: Date, language: string): string {
  const seconds = (time.getTime() - now.getTime()) / 1000
  const format = new Intl.RelativeTimeFormat(language, { numeric: 'auto', style: 'short' })
  for (const [unit, size] of RELATIVE_STEPS) {
    if (Math.abs(seconds) >= size) return format.format(Math.trunc(seconds / size), unit)
  }
  return format.format(0, 'second')
}

/** 2026-11-20 19:05:31, in local time or UTC. Sorts and aligns as text. */
export function formatTime(time: Date, zone: 'local' | 'utc', withMillis = false): string {
  const iso = (
    zone === 'utc' ? time : new Date(time.getTime() - time.getTimezoneOffset() * 60_000)
  ).toISOString()
  return `${iso.slice(0, 10)} ${iso.slice(11, withMillis ? 23 : 19)}`
}

function pad(value: number): string {
  return String(value).padStart(2, '0')
}
