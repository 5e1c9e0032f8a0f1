import { useQuery, useQueryClient } from '@tanstack/react-query'
import { oneKey } from '@/api/queries'
import { useNotify } from '@/ui/notify'
import { changeTrack, trackList, type Task, type Track, type TrackForm } from '../queries'
import type { Session } from '../work/useSession'
import { trackOf } from './onTrack'
import type { Shape } from './shapes'

export interface Tracks {
  items: readonly Track[]
  first: number
  last: number
  nextId: number
  /** Fills the object's frames between those that a person set. */
  interpolate: (shape: Shape | undefined) => Promise<void>
  change: (form: Omit<TrackForm, 'at'> & { at?: number }) => Promise<void>
}

/** The tracks of the sequence that the record lies in. */
export function useTracks(task: Task, session: Session): Tracks {
  const client = useQueryClient()
  const notify = useNotify()
  const at = session.record?.index ?? 0
  const { data } = useQuery({ ...trackList(task.id, at), enabled: task.kind === 'tracking' })
  const change: Tracks['change'] = async (form) => {
    // What is on the screen is part of the track.
    if (!(await session.save())) return
    try {
      await changeTrack(task.id, { at, ...form })
      await client.invalidateQueries({ queryKey: oneKey('label-record', task.id) })
      await session.go(at)
    } catch (error) {
      notify.problem(error)
    }
  }
  return {
    items: data?.items ?? [],
    first: data?.first ?? at,
    last: data?.last ?? at,
    nextId: data?.next_id ?? 1,
    change,
    interpolate: async (shape) => {
      const track = shape === undefined ? null : trackOf(shape)
      if (track !== null) await change({ action: 'interpolate', track_id: track })
    },
  }
}
