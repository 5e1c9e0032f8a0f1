import type { components } from './schema'

/** The one door to the generated types: `Schema<'UserView'>`. */
export type Schema<Name extends keyof components['schemas']> = components['schemas'][Name]

/** A page of any list of the API. */
export interface Page<Item> {
  items: Item[]
  next_cursor: string | null
  total: number
}

/** Why an action is not possible now, or null where it is. */
export type Blocked = Record<string, string | null>
