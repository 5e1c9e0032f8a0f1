import { expect, test } from 'vitest'
import { compile } from './sentenceMatcher'

const words = compile(
  {
    'Stop the task first.': '请先停止任务。',
    'The task is {0} already.': '任务已处于{0}状态。',
    'There is no {0}.': '没有 {0}。',
    'There is no bucket {0}.': '没有存储桶 {0}。',
    'Instance {0}-{1} {2}.': '实例 {0}-{1} {2}。',
    'exited with code {0}': '退出码为 {0}',
    'Port {0} on {1} (why?).': '{1} 上的端口 {0}（为什么？）。',
    '{0} Nothing to stop.': '{0}没有可停止的内容。',
  },
  (word) => (word === 'Stopped' ? '已停止' : null),
)

test.each([
  ['Stop the task first.', '请先停止任务。'],
  ['The task is Stopped already.', '任务已处于已停止状态。'],
  ['There is no bucket images.', '没有存储桶 images。'],
  ['There is no thing like it.', '没有 thing like it。'],
  ['Instance worker-1 exited with code 3.', '实例 worker-1 退出码为 3。'],
  ['Port 80 on ::1 (why?).', '::1 上的端口 80（为什么？）。'],
  ['The task is Stopped already. Nothing to stop.', '任务已处于已停止状态。没有可停止的内容。'],
  ['Stop the task first. There is no bucket b.', '请先停止任务。没有存储桶 b。'],
])('%s', (english, chinese) => {
  expect(words(english)).toBe(chinese)
})

test('what is not known stays as it came, alone and between known sentences', () => {
  expect(words('Nobody ever said this.')).toBe('Nobody ever said this.')
  expect(words('Nobody said this. Stop the task first.')).toBe('Nobody said this.请先停止任务。')
  expect(words('')).toBe('')
})

test('text of users with the signs of patterns is text', () => {
  expect(words('There is no bucket $1 {0} (.*).')).toBe('没有存储桶 $1 {0} (.*)。')
  expect(words('There is no bucket a\nb.')).toBe('没有存储桶 a\nb。')
})
