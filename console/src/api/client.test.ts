import { afterEach, expect, test } from 'vitest'
import { Problem } from '@/base/problem'
import { setPreference } from '@/base/preferences'
import { apiUrl, call, problemFrom, requestHeaders } from './client'
import { currentProject, settleProject, switchProject } from './project'

afterEach(() => {
  document.cookie = 'slipway_csrf=; max-age=0'
  setPreference('project', null)
})

const at = (path: string) => window.history.replaceState(null, '', path)

test('a read names the project; a write proves besides that this page sent it', () => {
  at('/p/prj-1/datasets')
  document.cookie = 'slipway_csrf=abc'
  expect(requestHeaders('GET')).toEqual({
    'Accept-Language': 'en',
    'X-Slipway-Project': 'prj-1',
  })
  expect(requestHeaders('POST')).toMatchObject({ 'X-CSRF-Token': 'abc' })
})

test('addresses that the browser opens by itself carry the project', () => {
  at('/p/prj-1/storage')
  expect(apiUrl('/api/v1/x', { download: 'true' })).toBe('/api/v1/x?download=true&project=prj-1')
})

test('what the API refuses becomes a problem with its code, sentence and details', () => {
  const body = { error: { code: 'name_taken', message: 'Taken.', details: { field: 'name' } } }
  const problem = problemFrom(409, body)
  expect(problem).toBeInstanceOf(Problem)
  expect(problem).toMatchObject({
    status: 409,
    code: 'name_taken',
    message: 'Taken.',
    details: { field: 'name' },
  })
  expect(problemFrom(502, '<html>').message).toContain('502')
})

test('no answer is a problem of status 0, and stopping on purpose is none', async () => {
  await expect(call(Promise.reject(new TypeError('Failed to fetch')))).rejects.toMatchObject({
    status: 0,
  })
  const stopped = new DOMException('stop', 'AbortError')
  await expect(call(Promise.reject(stopped))).rejects.toBe(stopped)
})

test('a bare address gets the last project, or the first that one may enter', () => {
  at('/training/t-1?tab=log')
  expect(settleProject(['prj-1', 'prj-2'], false)).toBe('prj-1')
  expect(window.location.pathname + window.location.search).toBe('/p/prj-1/training/t-1?tab=log')
  switchProject('prj-2')
  expect(currentProject()).toBe('prj-2')
  at('/keys')
  expect(settleProject(['prj-1', 'prj-2'], false)).toBe('prj-2')
})

test('a project that one is no member of is left for an own one, except by the administrator', () => {
  at('/p/prj-9/models')
  expect(settleProject(['prj-1'], true)).toBe('prj-9')
  expect(settleProject(['prj-1'], false)).toBe('prj-1')
  expect(window.location.pathname).toBe('/p/prj-1/models')
  expect(settleProject([], false)).toBeNull()
})
