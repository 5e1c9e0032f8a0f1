import { getPreference, onPreferenceChange, usePreference } from '@/base/preferences'
import { useSyncExternalStore } from 'react'

export type Mode = 'light' | 'dark'
export type Tone = 'neutral' | 'busy' | 'good' | 'warn' | 'bad'

/** Every colour of the console, once. CSS sees them as `--sw-<name>`; antd through `theme.ts`. */
export const PALETTES = {
  light: {
    canvas: '#f5f6f7',
    surface: '#ffffff',
    raised: '#ffffff',
    sunken: '#f1f3f4',
    hover: '#eaedef',
    line: '#e2e6e8',
    'line-strong': '#cdd3d7',
    ink: '#1a2227',
    'ink-soft': '#4e5b64',
    'ink-faint': '#616d76',
    brand: '#0e6e83',
    'brand-soft': '#e2f0f3',
    neutral: '#66727b',
    'neutral-soft': '#edf0f1',
    busy: '#1c69ab',
    'busy-soft': '#e5f0fa',
    good: '#257247',
    'good-soft': '#e4f4ea',
    warn: '#96590a',
    'warn-soft': '#fcf1de',
    bad: '#bb3237',
    'bad-soft': '#fcebeb',
    mark: '#ffe58a',
  },
  dark: {
    canvas: '#0f1316',
    surface: '#151a1e',
    raised: '#1b2126',
    sunken: '#11161a',
    hover: '#1f262b',
    line: '#262e34',
    'line-strong': '#374149',
    ink: '#e3e8eb',
    'ink-soft': '#a7b3bb',
    'ink-faint': '#84919a',
    brand: '#4ab2c8',
    'brand-soft': '#12303a',
    neutral: '#93a0a9',
    'neutral-soft': '#20272c',
    busy: '#62aeea',
    'busy-soft': '#132a3d',
    good: '#62c08b',
    'good-soft': '#12301f',
    warn: '#e2a64f',
    'warn-soft': '#352611',
    bad: '#f07a7c',
    'bad-soft': '#3b191b',
    mark: '#6b5710',
  },
} as const satisfies Record<Mode, Record<string, string>>

export type Palette = (typeof PALETTES)[Mode]

/** Line colours of charts: told apart in both modes and by most colour-blind readers. */
export const SERIES_COLOURS: Record<Mode, readonly string[]> = {
  light: ['#0e7c93', '#d9772b', '#5b62b8', '#4a9a5b', '#b8457e', '#8a7a1f', '#54707e', '#c4504b'],
  dark: ['#4ab2c8', '#ec9a56', '#8f96e8', '#74c287', '#e07fb0', '#cdbb53', '#93aab6', '#f08680'],
}

const systemDark = window.matchMedia('(prefers-color-scheme: dark)')

function currentMode(): Mode {
  const chosen = getPreference('theme')
  if (chosen !== 'system') return chosen
  return systemDark.matches ? 'dark' : 'light'
}

function applyPalette(): void {
  const mode = currentMode()
  const root = document.documentElement
  root.dataset.theme = mode
  root.style.colorScheme = mode
  for (const [name, colour] of Object.entries(PALETTES[mode])) {
    root.style.setProperty(`--sw-${name}`, colour)
  }
}

systemDark.addEventListener('change', applyPalette)
onPreferenceChange(applyPalette)
applyPalette()

export function useMode(): Mode {
  usePreference('theme')
  return useSyncExternalStore((listener) => {
    systemDark.addEventListener('change', listener)
    return () => systemDark.removeEventListener('change', listener)
  }, currentMode)
}
