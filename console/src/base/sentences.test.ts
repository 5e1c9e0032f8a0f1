import { afterEach, expect, test } from 'vitest'
import { setPreference } from './preferences'
import { Problem, fieldProblems, problemWords } from './problem'
import { loadSentences, sentence } from './sentences'

afterEach(() => setPreference('language', 'en'))

test('the Chinese console shows refusals of the API in Chinese, the English one as they are', async () => {
  const refusal = new Problem(404, 'not_found', 'There is no bucket images.', { field: 'bucket' })
  expect(problemWords(refusal).message).toBe('There is no bucket images.')
  setPreference('language', 'zh')
  await loadSentences()
  expect(problemWords(refusal).message).toBe('没有存储桶 images。')
  expect(fieldProblems(refusal)).toEqual({ bucket: '没有存储桶 images。' })
  expect(sentence('Stop the task first.')).toBe('请先停止任务。')
  setPreference('language', 'en')
  expect(sentence('Stop the task first.')).toBe('Stop the task first.')
})
