import { idOf, type OcrBox } from './boxes'

/**
 * Edits of descriptors in the form in which they are stored: letters with numbers, `k3,5c5,7`. That is
 * all that is known of the language here. What is typed is read, checked and given its meaning by the
 * server, so that there is one implementation; but a click or an undo cannot wait for an answer.
 */
interface Segment {
  kind: string
  ids: readonly number[]
}

export type Role = 'key' | 'value'

const LETTER: Record<Role, string> = { key: 'k', value: 'v' }

export function segmentsOf(descriptor: string): Segment[] {
  return [...descriptor.matchAll(/([kvc])([\d,]*)/g)].map(([, kind = '', ids = '']) => ({
    kind,
    ids: ids === '' ? [] : ids.split(',').map(Number),
  }))
}

export function printed(segments: readonly Segment[]): string {
  return segments.map(({ kind, ids }) => kind + ids.join(',')).join('')
}

/** What is typed as it is stored, if it is right; what is wrong with it the server says. */
export function tidied(id: number, typed: string): string {
  return typed
    .toLowerCase()
    .replace(/\s+/g, '')
    .replace(/[，、]/g, ',')
    .replace(new RegExp(`^${id}(?=[kvc]|$)`), '')
    .replace(/c0(?=[kvc]|$)/g, '')
}

type Edit = (segments: Segment[], box: OcrBox) => Segment[]

function edited(boxes: readonly OcrBox[], edit: Edit): OcrBox[] {
  return boxes.map((box) => {
    const { descriptor } = box.attributes
    const segments = segmentsOf(descriptor)
    // One that cannot be read stays as it was typed, for its error to be seen and put right.
    if (printed(segments) !== descriptor) return box
    const next = printed(edit(segments, box))
    return next === descriptor
      ? box
      : { ...box, attributes: { ...box.attributes, descriptor: next } }
  })
}

/** One box is the key of another. A `k` or `v` alone says no more than the pair, and goes. */
export function paired(boxes: readonly OcrBox[], key: number, value: number): OcrBox[] {
  return edited(boxes, (segments, box) => {
    if (idOf(box) === value) return segments.filter(({ kind, ids }) => kind !== 'v' || ids.length)
    if (idOf(box) !== key) return segments
    const mine = segments.find(({ kind, ids }) => kind === 'k' && ids[0] === key)
    if (mine?.ids.includes(value)) return segments
    const others = segments.filter(
      (segment) => segment !== mine && (segment.kind !== 'k' || segment.ids.length > 0),
    )
    return [{ kind: 'k', ids: [...(mine?.ids ?? [key]), value] }, ...others]
  })
}

/** No box of the one field is the key of a box of the other any more, wherever that is written. */
export function unpaired(
  boxes: readonly OcrBox[],
  key: readonly number[],
  value: readonly number[],
): OcrBox[] {
  return edited(boxes, (segments) =>
    segments.flatMap((segment) => {
      const [first = 0, ...others] = segment.ids
      const isKey = segment.kind === 'k' && key.includes(first)
      const isValue = segment.kind === 'v' && value.includes(first)
      if (!isKey && !isValue) return [segment]
      const gone = isKey ? value : key
      const ids = others.filter((id) => !gone.includes(id))
      if (ids.length === others.length) return [segment]
      return ids.length === 0 ? [] : [{ ...segment, ids: [first, ...ids] }]
    }),
  )
}

/** `k` or `v` alone on a box, or neither; its pairs stay. */
export function withRole(boxes: readonly OcrBox[], id: number, role: Role | null): OcrBox[] {
  return edited(boxes, (segments, box) => {
    if (idOf(box) !== id) return segments
    const others = segments.filter(({ kind, ids }) => kind === 'c' || ids.length > 0)
    return role === null ? others : [{ kind: LETTER[role], ids: [] }, ...others]
  })
}

export function roleSaid(box: OcrBox): Role | null {
  const alone = segmentsOf(box.attributes.descriptor).find(({ ids }) => ids.length === 0)
  return alone === undefined || alone.kind === 'c' ? null : alone.kind === 'k' ? 'key' : 'value'
}

/** The boxes without some of them, which no descriptor names any more; and which ones changed. */
export function without(
  boxes: readonly OcrBox[],
  gone: readonly number[],
): { boxes: OcrBox[]; changed: number[] } {
  const kept = boxes.filter((box) => !gone.includes(idOf(box)))
  const next = edited(kept, (segments, box) =>
    segments.flatMap((segment) => {
      const [first, ...others] = segment.ids
      if (first === undefined) return [segment]
      const ids = segment.ids.filter((id) => !gone.includes(id))
      if (ids.length === segment.ids.length) return [segment]
      if (segment.kind === 'c') return ids.length > 1 ? [{ ...segment, ids }] : []
      if (gone.includes(first)) return []
      // A key whose last value is gone is a key still.
      const left = others.filter((id) => !gone.includes(id))
      if (left.length > 0) return [{ ...segment, ids }]
      return first === idOf(box) ? [{ ...segment, ids: [] }] : []
    }),
  )
  return { boxes: next, changed: next.filter((box, at) => box !== kept[at]).map(idOf) }
}
