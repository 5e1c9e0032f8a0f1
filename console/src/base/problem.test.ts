import { expect, test } from 'vitest'
import { setPreference } from './preferences'
import { fieldProblems, Problem, problemWords } from './problem'

test('what the API says is shown in its own sentence under a title for its kind', () => {
  const problem = new Problem(409, 'name_taken', 'The name is taken. Choose another.')
  expect(problemWords(problem)).toEqual({
    title: 'Not possible now',
    message: 'The name is taken. Choose another.',
  })
})

test('no answer at all is told in the language of the reader', () => {
  setPreference('language', 'zh')
  expect(problemWords(new Problem(0, 'unreachable', 'Failed to fetch')).title).toBe(
    '服务器没有响应',
  )
})

test('an error of the page itself keeps its message', () => {
  expect(problemWords(new TypeError('x is not a function')).message).toBe('x is not a function')
})

test.each([
  [{ field: 'name' }, { name: 'Bad.' }],
  [{ fields: { 'resources.cpu': 'Too many.' } }, { 'resources.cpu': 'Too many.' }],
  [{ errors: [{ loc: ['body', 'tags', 0, 'key'], msg: 'Empty.' }] }, { 'tags.0.key': 'Empty.' }],
  [{}, {}],
])('fields are found in %j', (details, expected) => {
  expect(fieldProblems(new Problem(400, 'invalid', 'Bad.', details))).toEqual(expected)
})
