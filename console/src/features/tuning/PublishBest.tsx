import { useQuery } from '@tanstack/react-query'
import { PublishDialog } from '@/features/training/PublishDialog'
import { oneTask } from '@/features/training/queries'
import { oneSearch, type Search } from './queries'

/** The dialog that publishes the model of a search's best trial; open while there is a search. */
export function PublishBest({ search, onClose }: { search: Search | null; onClose: () => void }) {
  const id = search?.id ?? ''
  const found = useQuery({ ...oneSearch(id), enabled: search !== null, refetchInterval: false })
  const best = found.data?.trial_list.find(({ number }) => number === search?.best_number)
  const task = useQuery({
    ...oneTask(best?.task_id ?? ''),
    enabled: best !== undefined,
    refetchInterval: false,
  })
  const open = search !== null && task.data !== undefined ? task.data : null
  return <PublishDialog task={open} checkpoint={null} onClose={onClose} />
}
