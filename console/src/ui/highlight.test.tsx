import { render } from '@testing-library/react'
import { expect, test } from 'vitest'
import { highlighted } from './highlight'

function parts(code: string, language: string) {
  const { container } = render(<pre>{highlighted(code, language)}</pre>)
  expect(container.textContent).toBe(code)
  return Array.from(container.querySelectorAll('span'), (span) => [
    span.className.replace('sw-code-', ''),
    span.textContent,
  ])
}

test('Python is coloured, and no letter is lost', () => {
  expect(parts('def f(x):  # not "this"\n    return "a # b" + 1.5\n', 'python')).toEqual([
    ['keyword', 'def'],
    ['comment', '# not "this"'],
    ['keyword', 'return'],
    ['string', '"a # b"'],
    ['number', '1.5'],
  ])
})

test('an address in JSON is no comment', () => {
  expect(parts('{"url": "http://x", "on": true}', 'json')).toEqual([
    ['string', '"url"'],
    ['string', '"http://x"'],
    ['string', '"on"'],
    ['keyword', 'true'],
  ])
})

test('what has no language stays plain', () => {
  expect(parts('if 1 then', '')).toEqual([])
})
