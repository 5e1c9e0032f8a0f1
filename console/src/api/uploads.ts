import { Problem } from '@/base/problem'
import { translate } from '@/base/text'
import { api, call, problemFrom, requestHeaders, rethrowUnreachable } from './client'
import { text } from './text'

/** Small enough that progress moves and a broken connection costs little. */
const CHUNK_BYTES = 8 * 1024 * 1024
const MAX_RETRIES = 5

export interface UploadTarget {
  bucket: string
  key: string
}

/**
 * Sends a file piece by piece. After a broken connection the server is asked how far it got, and
 * sending goes on from there. Aborting leaves the pieces on the server until they expire.
 */
export async function uploadFile(
  file: File,
  target: UploadTarget,
  onProgress: (sentBytes: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const upload = await call(
    api.POST('/api/v1/uploads', { body: { ...target, size: file.size }, signal }),
  )
  let offset = upload.offset
  let failures = 0
  let certain = true
  while (offset < file.size) {
    try {
      offset = certain
        ? await sendPiece(upload.id, file, offset, onProgress, signal)
        : await heldOffset(upload.id, file, target, signal)
      certain = true
      failures = 0
    } catch (error) {
      if (!isPassing(error) || ++failures > MAX_RETRIES) throw error
      certain = false
      await pause(2 ** failures * 250, signal)
    }
    onProgress(offset)
  }
}

/** XMLHttpRequest because fetch reports no progress of what it sends. */
function sendPiece(
  id: string,
  file: File,
  offset: number,
  onProgress: (sentBytes: number) => void,
  signal: AbortSignal,
): Promise<number> {
  const piece = file.slice(offset, offset + CHUNK_BYTES)
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    const abort = () => request.abort()
    const fail = (error: Error) => {
      signal.removeEventListener('abort', abort)
      reject(error)
    }
    request.open('PATCH', `/api/v1/uploads/${encodeURIComponent(id)}`)
    for (const [name, value] of Object.entries(requestHeaders('PATCH'))) {
      request.setRequestHeader(name, value)
    }
    request.setRequestHeader('Content-Type', 'application/offset+octet-stream')
    request.setRequestHeader('Upload-Offset', String(offset))
    request.upload.onprogress = (event) => onProgress(offset + Math.min(event.loaded, piece.size))
    request.onabort = () => fail(new DOMException('Upload aborted', 'AbortError'))
    request.onerror = () => fail(new Problem(0, 'unreachable', ''))
    request.onload = () => {
      if (request.status >= 300) {
        fail(problemFrom(request.status, parsed(request.responseText)))
        return
      }
      signal.removeEventListener('abort', abort)
      resolve(offset + piece.size)
    }
    signal.addEventListener('abort', abort, { once: true })
    request.send(piece)
  })
}

async function heldOffset(
  id: string,
  file: File,
  target: UploadTarget,
  signal: AbortSignal,
): Promise<number> {
  const response = await head(`/api/v1/uploads/${encodeURIComponent(id)}`, signal)
  if (response.status === 404 && (await isStored(file, target, signal))) return file.size
  const offset = response.headers.get('Upload-Offset')
  if (!response.ok || offset === null) {
    throw new Problem(response.status, 'upload_lost', translate(text, 'uploadLost'))
  }
  return Number(offset)
}

/** The last answer may have been lost after the file was put in its place. */
async function isStored(file: File, { bucket, key }: UploadTarget, signal: AbortSignal) {
  const path = `/api/v1/buckets/${encodeURIComponent(bucket)}/objects/${encodeURIComponent(key)}`
  const response = await head(path, signal)
  return response.ok && response.headers.get('Content-Length') === String(file.size)
}

async function head(path: string, signal: AbortSignal): Promise<Response> {
  return fetch(path, { method: 'HEAD', headers: requestHeaders('HEAD'), signal }).catch(
    rethrowUnreachable,
  )
}

function isPassing(error: unknown): boolean {
  return (
    error instanceof Problem && (error.status === 0 || error.status === 409 || error.status === 503)
  )
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body) as unknown
  } catch {
    return null
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = window.setTimeout(resolve, ms)
    signal.addEventListener(
      'abort',
      () => {
        window.clearTimeout(timer)
        reject(new DOMException('Upload aborted', 'AbortError'))
      },
      { once: true },
    )
  })
}
