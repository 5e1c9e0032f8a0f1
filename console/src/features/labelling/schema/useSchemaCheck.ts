import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { checkSchema } from '../queries'

const WAIT_MS = 350

/** What a schema makes of a record of the dataset, a moment after the last key. */
export function useSchemaCheck(datasetId: string, text: string, index: number) {
  const written = useDelayed(text, WAIT_MS)
  const check = useQuery({
    queryKey: ['label-schema', datasetId, index, written],
    queryFn: () => checkSchema({ text: written, dataset_id: datasetId, index }),
    enabled: datasetId !== '' && written.trim() !== '',
    placeholderData: (before) => before,
    retry: false,
  })
  return {
    found: written.trim() === '' ? undefined : check.data,
    error: check.error,
    /** For what is written now, not for what was before. */
    fresh: written === text && !check.isFetching && !check.isPlaceholderData,
    written,
  }
}

function useDelayed(value: string, wait: number): string {
  const [delayed, setDelayed] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setDelayed(value), wait)
    return () => clearTimeout(timer)
  }, [value, wait])
  return delayed
}
