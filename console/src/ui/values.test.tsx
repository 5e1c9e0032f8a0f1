import { act, screen } from '@testing-library/react'
import { expect, test } from 'vitest'
import { setPreference } from '@/base/preferences'
import { draw } from '@/test/render'
import { chartOption } from './charts/options'
import { CodeBlock } from './CodeBlock'
import { eventWords } from './events'
import { Markdown } from './Markdown'
import { stateTone } from './states'
import { StatusTag } from './StatusTag'
import { TimeText } from './TimeText'

test('a state has one look and follows the language', () => {
  draw(<StatusTag state="WaitingForScores" />)
  expect(screen.getByText('Waiting for scores')).toHaveAttribute('data-tone', 'warn')
  act(() => setPreference('language', 'zh'))
  expect(screen.getByText('待打分')).toBeVisible()
  expect(stateTone('TIMEOUT_EXCEPTION')).toBe('bad')
})

test('an unknown state is still readable', () => {
  draw(<StatusTag state="PULLING_ENVIRONMENT" percent={41.7} />)
  expect(screen.getByText('Pulling environment 41%')).toHaveAttribute('data-tone', 'neutral')
})

test('a time is relative, and exact on hover', async () => {
  setPreference('timeZone', 'utc')
  const { user } = draw(<TimeText value="2020-01-02T03:04:05Z" />)
  await user.hover(screen.getByText(/yr\. ago/))
  expect(await screen.findByText('2020-01-02 03:04:05 UTC')).toBeVisible()
})

test('what a model writes is shown, never run or fetched', async () => {
  const source = [
    '**bold** <img src=x onerror=alert(1)>',
    '![track](http://stranger/p.png)',
    '[bad](javascript:alert(1))',
    '```python\nprint(1)\n```',
  ].join('\n\n')
  const { container } = draw(<Markdown>{source}</Markdown>)
  expect(await screen.findByText('bold')).toBeVisible()
  expect(container.querySelector('img')).toBeNull()
  expect(screen.getByRole('link', { name: 'track' })).toHaveAttribute(
    'rel',
    expect.stringContaining('noopener'),
  )
  expect(screen.getByText('bad')).not.toHaveAttribute('href', expect.stringContaining('javascript'))
  expect(
    screen.getByText((_, part) => part?.tagName === 'CODE' && part.textContent === 'print(1)'),
  ).toBeVisible()
  expect(screen.getByRole('button', { name: 'Copy' })).toBeVisible()
})

test('samples in several languages stand behind tabs, and what is shown is copied', async () => {
  const samples = [
    { language: 'curl', code: 'curl http://x' },
    { language: 'Python', code: 'import slipway' },
  ]
  const { user } = draw(<CodeBlock samples={samples} />)
  await user.click(screen.getByRole('radio', { name: 'Python' }))
  await user.click(screen.getByRole('button', { name: 'Copy' }))
  expect(await screen.findByRole('button', { name: 'Copied' })).toBeVisible()
  expect(await navigator.clipboard.readText()).toBe('import slipway')
})

test('events speak both languages, and unknown ones by their own name', () => {
  expect(eventWords('training:taskExecuteFailed', 'en')).toBe('Task failed')
  expect(eventWords('training:taskExecuteFailed', 'zh')).toBe('任务异常')
  expect(eventWords('labeling:sampleLabelled', 'en')).toBe('Sample labelled')
})

test('one curve needs no legend; two have one', () => {
  const curve = (name: string) => ({ name, points: [[0, 1] as const] })
  const line = (...names: string[]) =>
    chartOption({ kind: 'line', xAxis: 'number', series: names.map(curve) }, 'light')
  expect(line('loss')).toMatchObject({ legend: { show: false } })
  expect(line('loss', 'accuracy')).toMatchObject({ legend: { show: true } })
})
