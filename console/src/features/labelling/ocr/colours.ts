import type { BoxRole } from './useMeaning'

/** Told apart also by people who see red and green alike, and on paper as on dark. */
export const ROLE_COLOURS: Record<BoxRole, string> = {
  text: '#56b4e9',
  key: '#e69f00',
  value: '#009e73',
  'key and value': '#cc79a7',
}
export const WRONG = '#d1242f'
