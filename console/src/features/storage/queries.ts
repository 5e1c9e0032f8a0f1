import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { api, apiUrl, call } from '@/api/client'
import { listKey, oneKey } from '@/api/queries'
import type { Schema } from '@/api/types'

export type Bucket = Schema<'BucketView'>
export type StoredObject = Schema<'ObjectView'>
export type ShareLink = Schema<'LinkView'>

const PAGE = 200

export const bucketList = () =>
  queryOptions({
    queryKey: listKey('bucket'),
    queryFn: ({ signal }) => call(api.GET('/api/v1/buckets', { signal })),
  })

/** One folder, folders first. `prefix` ends with "/" or holds the beginning of names. */
export const folderList = (bucket: string, prefix: string) =>
  infiniteQueryOptions({
    queryKey: oneKey('bucket', bucket, 'objects', prefix),
    queryFn: ({ pageParam, signal }) =>
      call(
        api.GET('/api/v1/buckets/{bucket}/objects', {
          params: {
            path: { bucket },
            query: {
              prefix,
              delimiter: '/',
              limit: PAGE,
              ...(pageParam ? { cursor: pageParam } : {}),
            },
          },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor,
  })

export function createBucket(body: Schema<'BucketForm'>) {
  return call(api.POST('/api/v1/buckets', { body }))
}

export function deleteBucket(bucket: string) {
  return call(api.DELETE('/api/v1/buckets/{bucket}', { params: { path: { bucket } } }))
}

export function setQuota(bucket: string, quotaBytes: number | null) {
  return call(
    api.PUT('/api/v1/buckets/{bucket}/quota', {
      params: { path: { bucket } },
      body: { quota_bytes: quotaBytes },
    }),
  )
}

export const linkList = (bucket: string) =>
  queryOptions({
    queryKey: oneKey('bucket', bucket, 'links'),
    queryFn: ({ signal }) =>
      call(api.GET('/api/v1/buckets/{bucket}/links', { params: { path: { bucket } }, signal })),
  })

export function createLink(bucket: string, body: Schema<'LinkForm'>) {
  return call(api.POST('/api/v1/buckets/{bucket}/links', { params: { path: { bucket } }, body }))
}

export function deleteLink(bucket: string, id: string) {
  return call(
    api.DELETE('/api/v1/buckets/{bucket}/links/{link_id}', {
      params: { path: { bucket, link_id: id } },
    }),
  )
}

export function createFolder(bucket: string, key: string) {
  return call(
    api.POST('/api/v1/buckets/{bucket}/folders', { params: { path: { bucket } }, body: { key } }),
  )
}

export function moveObject(bucket: string, from: string, to: string) {
  return call(
    api.POST('/api/v1/buckets/{bucket}/move', {
      params: { path: { bucket } },
      body: { from, to, overwrite: false },
    }),
  )
}

export function deleteObject(bucket: string, { key, kind }: StoredObject) {
  return call(
    api.DELETE('/api/v1/buckets/{bucket}/objects/{key}', {
      params: { path: { bucket, key }, query: { recursive: kind === 'folder' } },
    }),
  )
}

export function objectUrl(bucket: string, key: string, download: boolean): string {
  const path = key.split('/').map(encodeURIComponent).join('/')
  const query: Record<string, string> = download ? { download: 'true' } : {}
  return apiUrl(`/api/v1/buckets/${encodeURIComponent(bucket)}/objects/${path}`, query)
}
