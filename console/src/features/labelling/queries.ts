import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, call } from '@/api/client'
import { listQuery, oneKey, oneQuery } from '@/api/queries'
import type { Schema } from '@/api/types'
import type { ListParams } from '@/ui/listState'

export type Task = Schema<'LabelTaskView'>
export type LabelKind = Schema<'LabelKind'>
export type Label = Schema<'LabelView'>
export type LabelRecord = Schema<'LabelRecordView'>
export type Brief = Schema<'LabelRecordBrief'>
export type Shown = Schema<'Shown'>
export type Component = Schema<'LabelComponentView'>
export type HistoryEntry = Schema<'LabelHistoryView'>
export type SchemaCheck = Schema<'LabelSchemaView'>

export type Track = Schema<'LabelTrackView'>
export type TrackForm = Schema<'LabelTrackForm'>

/** Laying out and publishing take a moment, and events tell when they are done. */
const KIND = 'label-task'
const BASE = '/api/v1/labelling/tasks/{task_id}'
const path = (id: string) => ({ path: { task_id: id } })
const recordPath = (id: string, index: number) => ({ path: { task_id: id, index } })

export const taskList = (params: ListParams) =>
  listQuery(KIND, params, (signal) =>
    call(api.GET('/api/v1/labelling/tasks', { params: { query: params }, signal })),
  )

export const oneTask = (id: string) =>
  oneQuery(KIND, id, 'view', (signal) => call(api.GET(BASE, { params: path(id), signal })))

export const taskWork = (id: string) =>
  oneQuery(KIND, id, 'work', (signal) =>
    call(api.GET(`${BASE}/shares`, { params: path(id), signal })),
  )

export const recordPage = (id: string, shown: Shown, after: number, limit: number) =>
  queryOptions({
    queryKey: oneKey('label-record', id, 'page', shown, after, limit),
    queryFn: ({ signal }) =>
      call(
        api.GET(`${BASE}/records`, {
          params: { ...path(id), query: { shown, after, limit } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  })

export const recordHistory = (id: string, index: number, revision: number) =>
  queryOptions({
    queryKey: oneKey('label-record', id, 'history', index, revision),
    queryFn: ({ signal }) =>
      call(api.GET(`${BASE}/records/{index}/history`, { params: recordPath(id, index), signal })),
  })

export const trackList = (id: string, at: number) =>
  queryOptions({
    queryKey: oneKey('label-record', id, 'tracks', at),
    queryFn: ({ signal }) =>
      call(api.GET(`${BASE}/tracks`, { params: { ...path(id), query: { at } }, signal })),
    placeholderData: keepPreviousData,
  })

export function changeTrack(id: string, body: TrackForm) {
  return call(api.POST(`${BASE}/tracks`, { params: path(id), body }))
}

export function createTask(body: Schema<'LabelTaskForm'>) {
  return call(api.POST('/api/v1/labelling/tasks', { body }))
}

export function changeTask(id: string, body: Schema<'LabelTaskPatch'>) {
  return call(api.PATCH(BASE, { params: path(id), body }))
}

export function deleteTask(id: string) {
  return call(api.DELETE(BASE, { params: path(id) }))
}

export function retryTask(id: string) {
  return call(api.POST(`${BASE}/retry`, { params: path(id) }))
}

export function publishTask(id: string, body: Schema<'LabelPublishForm'>) {
  return call(api.POST(`${BASE}/publish`, { params: path(id), body }))
}

/** Labels into the dataset's own files, with `over` also where somebody else changed them. */
export function writeFiles(id: string, over: boolean) {
  return call(api.POST(`${BASE}/files/write`, { params: path(id), body: { over } }))
}

export function restoreFiles(id: string) {
  return call(api.POST(`${BASE}/files/restore`, { params: path(id) }))
}

export function openNext(id: string, after: number, review: boolean) {
  return call(api.POST(`${BASE}/next`, { params: path(id), body: { after, review } }))
}

export function openRecord(id: string, index: number) {
  return call(api.POST(`${BASE}/records/{index}/open`, { params: recordPath(id, index) }))
}

export function closeRecord(id: string, index: number) {
  return call(api.POST(`${BASE}/records/{index}/close`, { params: recordPath(id, index) }))
}

export function saveRecord(id: string, index: number, body: Schema<'LabelSaveForm'>) {
  return call(api.PUT(`${BASE}/records/{index}`, { params: recordPath(id, index), body }))
}

export function reviewRecord(id: string, index: number, body: Schema<'LabelReviewForm'>) {
  return call(api.POST(`${BASE}/records/{index}/review`, { params: recordPath(id, index), body }))
}

export function checkSchema(body: Schema<'LabelSchemaForm'>) {
  return call(api.POST('/api/v1/labelling/schema/check', { body }))
}

export function draftSchema(datasetId: string) {
  return call(
    api.GET('/api/v1/labelling/schema/draft', { params: { query: { dataset_id: datasetId } } }),
  )
}
