import { screen, waitFor } from '@testing-library/react'
import { useState } from 'react'
import { expect, test, vi } from 'vitest'
import { Problem } from '@/base/problem'
import { draw } from '@/test/render'
import { JsonEditor } from './JsonEditor'
import { KeyValueEditor, parsePairs, toRecord, type KeyValue } from './KeyValueEditor'
import { FileUpload } from './upload/FileUpload'
import type { Send } from './upload/queue'

function Pairs({ onChange }: { onChange: (rows: KeyValue[]) => void }) {
  const [rows, setRows] = useState<KeyValue[]>([{ key: 'A', value: '1' }])
  return (
    <KeyValueEditor
      value={rows}
      onChange={(next) => {
        setRows(next)
        onChange(next)
      }}
    />
  )
}

test('rows are added, filled and removed', async () => {
  const onChange = vi.fn()
  const { user } = draw(<Pairs onChange={onChange} />)
  await user.click(screen.getByRole('button', { name: 'Add a row' }))
  await user.type(screen.getByLabelText('Key 2'), 'A')
  expect(screen.getByRole('alert')).toHaveTextContent('This key is there twice: A')
  await user.type(screen.getByLabelText('Key 2'), 'B')
  await user.click(screen.getByRole('button', { name: 'Remove A' }))
  expect(onChange).toHaveBeenLastCalledWith([{ key: 'AB', value: '' }])
})

test('pasted KEY=value lines become rows', async () => {
  const onChange = vi.fn()
  const { user } = draw(<Pairs onChange={onChange} />)
  await user.click(screen.getByRole('button', { name: 'Add a row' }))
  await user.click(screen.getByLabelText('Key 2'))
  await user.paste('# comment\nexport LR=1e-4\nNAME="two words"\nURL=http://x/?a=b')
  expect(onChange).toHaveBeenLastCalledWith([
    { key: 'A', value: '1' },
    { key: 'LR', value: '1e-4' },
    { key: 'NAME', value: 'two words' },
    { key: 'URL', value: 'http://x/?a=b' },
  ])
  expect(parsePairs('just words')).toEqual([])
  expect(
    toRecord([
      { key: ' a ', value: '1' },
      { key: '', value: 'x' },
    ]),
  ).toEqual({ a: '1' })
})

function Json() {
  const [value, setValue] = useState('{"lr": 1}')
  const check = (parsed: unknown) => (Array.isArray(parsed) ? 'Write an object.' : null)
  return <JsonEditor aria-label="Parameters" value={value} onChange={setValue} check={check} />
}

test('JSON says where it is wrong, keeps what is half written, and can be formatted', async () => {
  const { user } = draw(<Json />)
  const box = screen.getByLabelText('Parameters')
  await user.click(screen.getByRole('button', { name: 'Format' }))
  expect(box).toHaveValue('{\n  "lr": 1\n}')
  await user.type(box, ',')
  expect(screen.getByRole('alert')).toHaveTextContent(/Not valid JSON: .*position 13/)
  expect(screen.getByRole('button', { name: 'Format' })).toBeDisabled()
  await user.clear(box)
  await user.type(box, '[[1]')
  expect(screen.getByRole('alert')).toHaveTextContent('Write an object.')
})

const file = (name: string, size: number) => new File([new Uint8Array(size)], name)

test('files are sent with progress, and one that fails says why and can be tried again', async () => {
  const attempts: string[] = []
  const send: Send = (sent, path, onProgress) => {
    attempts.push(path)
    onProgress(sent.size / 2)
    const full = new Problem(507, 'storage_full', 'There is no room left.')
    return attempts.length === 2 ? Promise.reject(full) : Promise.resolve()
  }
  const onDone = vi.fn()
  const { user } = draw(<FileUpload send={send} onDone={onDone} />)
  const chooser = screen.getByLabelText('Choose files', { selector: 'input' })
  await user.upload(chooser, [file('a.txt', 10), file('b.txt', 20)])
  expect(await screen.findByRole('alert')).toHaveTextContent('There is no room left.')
  expect(screen.getAllByText('1 of 2 files')[0]).toBeVisible()
  await user.click(screen.getByRole('button', { name: 'Try again b.txt' }))
  await waitFor(() => expect(screen.getAllByText('2 of 2 files')[0]).toBeVisible())
  expect(attempts).toEqual(['a.txt', 'b.txt', 'b.txt'])
  expect(onDone).toHaveBeenCalledTimes(2)
})

test('at most three files are on their way at once, and stopping one lets the next go', async () => {
  const going: string[] = []
  const send: Send = (_, path, __, signal) => {
    going.push(path)
    return new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new DOMException('stop', 'AbortError')))
    })
  }
  const { user } = draw(<FileUpload send={send} folders={false} />)
  const chooser = screen.getByLabelText('Choose files', { selector: 'input' })
  await user.upload(
    chooser,
    ['a', 'b', 'c', 'd'].map((name) => file(name, 1)),
  )
  expect(going).toEqual(['a', 'b', 'c'])
  await user.click(screen.getByRole('button', { name: 'Cancel b' }))
  await waitFor(() => expect(going).toEqual(['a', 'b', 'c', 'd']))
  expect(screen.getByText('Stopped')).toBeVisible()
})
