import { SERIES_COLOURS, useMode } from '@/ui/palette'
import type { VersionDetail } from '../queries'

/** A label keeps its colour over all pages: colours go by how frequent labels are. */
export function labelColours(
  version: VersionDetail | undefined,
  colours: readonly string[],
): ReadonlyMap<string, string> {
  const labels = version?.label_distribution ?? []
  return new Map(
    labels.map(({ name }, index) => [name, colours[index % colours.length] ?? 'currentcolor']),
  )
}

/** Pictures are mostly bright or colourful: boxes take the stronger colours in both modes. */
export function useSeriesColours(): readonly string[] {
  useMode()
  return BOX_COLOURS
}

const BOX_COLOURS = SERIES_COLOURS.light
