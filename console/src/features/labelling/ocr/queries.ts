import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, call } from '@/api/client'
import type { Schema } from '@/api/types'

export type Meaning = Schema<'OcrMeaningView'>
export type OcrType = Schema<'OcrType'>
export type Reading = Schema<'OcrReadingView'>

/** What the descriptors of an image say together; asked anew with each change, for it is quick. */
export const meaningOf = (form: Schema<'OcrCheckForm'>, enabled: boolean) =>
  queryOptions({
    queryKey: ['ocr-meaning', form],
    queryFn: ({ signal }) => call(api.POST('/api/v1/labelling/ocr/check', { body: form, signal })),
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    gcTime: 60_000,
    enabled,
  })

export const ocrEngines = () =>
  queryOptions({
    queryKey: ['ocr-engines'],
    queryFn: ({ signal }) => call(api.GET('/api/v1/labelling/ocr/engines', { signal })),
  })

export function readTexts(taskId: string, index: number, points: number[] | null) {
  return call(
    api.POST('/api/v1/labelling/tasks/{task_id}/records/{index}/texts', {
      params: { path: { task_id: taskId, index } },
      body: { points },
    }),
  )
}
