import { screen } from '@testing-library/react'
import { expect, test, vi } from 'vitest'
import { draw } from '@/test/render'
import { Composer } from './Composer'

function compose(busy = false) {
  const sent = vi.fn()
  const stopped = vi.fn()
  const view = draw(<Composer busy={busy} blocked={null} onSend={sent} onStop={stopped} />)
  return { ...view, sent, stopped, box: screen.getByRole('textbox', { name: 'Message' }) }
}

test('Enter sends and empties the box', async () => {
  const { user, sent, box } = compose()
  await user.type(box, 'Hello{Enter}')
  expect(sent).toHaveBeenCalledExactlyOnceWith('Hello', [])
  expect(box).toHaveValue('')
})

test('Shift+Enter begins a line, and nothing is sent', async () => {
  const { user, sent, box } = compose()
  await user.type(box, 'one{Shift>}{Enter}{/Shift}two')
  expect(sent).not.toHaveBeenCalled()
  expect(box).toHaveValue('one\ntwo')
})

test('while an answer comes Enter waits and Escape stops it', async () => {
  const { user, sent, stopped, box } = compose(true)
  await user.type(box, 'next{Enter}{Escape}')
  expect(sent).not.toHaveBeenCalled()
  expect(stopped).toHaveBeenCalledOnce()
  expect(box).toHaveValue('next')
})
