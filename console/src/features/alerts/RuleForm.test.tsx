import { screen, within } from '@testing-library/react'
import type { QueryClient } from '@tanstack/react-query'
import { expect, test } from 'vitest'
import { draw } from '@/test/render'
import { conditionOf, draftOf } from './draft'
import { offsetOf } from './PatternField'
import {
  conditionTest,
  taskChoices,
  type EventService,
  type Target,
  type TestResult,
} from './queries'
import { RuleForm } from './RuleForm'

const SERVICE: EventService = {
  key: 'training',
  source: 'platform.training',
  en: 'Training task',
  zh: '训练任务',
  subject_kind: 'task',
  platform: false,
  fields: { id: 'taskId', name: 'taskName', creator: 'taskSubUin' },
  events: [
    {
      name: 'taskCompleted',
      type: 'training:taskCompleted',
      en: 'Task completed',
      zh: '任务已完成',
    },
    {
      name: 'taskExecuteFailed',
      type: 'training:taskExecuteFailed',
      en: 'Task failed',
      zh: '任务异常',
    },
  ],
  sample: { type: 'training:taskExecuteFailed' },
}

const TARGET = { id: 'at-1', name: 'team', kind: 'inbox' } as unknown as Target
const START = draftOf(null, [SERVICE])

const FORM = { service: 'training', types: [], subjects: [], creator: '', tags: [] }
const FINE: TestResult = {
  fault: null,
  pattern: '{"source": "platform.training"}',
  form: FORM,
  service: 'training',
  sample: { event: SERVICE.sample, matches: true },
  recent: [
    {
      event: {
        id: 'e1',
        type: 'training:taskCompleted',
        subject: 't-1',
        time: '2026-01-01T00:00:00Z',
      },
      matches: false,
    },
    {
      event: {
        id: 'e2',
        type: 'training:taskExecuteFailed',
        subject: 't-2',
        time: '2026-01-01T00:00:00Z',
      },
      matches: true,
    },
  ],
}

const answers = (client: QueryClient) => {
  const asked = { ...conditionOf(START), sample: null, recent: 20 }
  client.setQueryData(conditionTest(asked).queryKey, FINE)
  const pattern = { pattern: FINE.pattern, sample: null, recent: 20 }
  client.setQueryData(conditionTest(pattern).queryKey, {
    ...FINE,
    fault: { message: 'Unknown key "x".', line: 2, column: 3 },
    form: null,
  })
  client.setQueryData(taskChoices().queryKey, { items: [], next_cursor: null, total: 0 })
}

const form = () => <RuleForm rule={null} services={[SERVICE]} targets={[TARGET]} />

test('beside the rule stands what it makes of the sample and of real events', () => {
  draw(form(), '/', answers)
  const side = screen.getByRole('complementary', { name: 'Try it' })
  expect(side).toHaveTextContent('1 of 2 would have been told')
  expect(within(side).getAllByText('Matches')).toHaveLength(2)
  expect(within(side).getByText('Does not match')).toBeVisible()
})

test('the form goes over into the pattern; a mistake is named with its place and blocks the way back', async () => {
  const { user } = draw(form(), '/', answers)
  await user.click(screen.getByText('Pattern'))
  expect(screen.getByRole('textbox', { name: 'Matching pattern' })).toHaveValue(FINE.pattern)
  const fault = await screen.findByRole('button', { name: 'Line 2, column 3: Unknown key "x".' })
  expect(fault).toBeVisible()
  expect(screen.getByRole('radio', { name: 'Form' })).toBeDisabled()
}, 20_000)

test('rows of tags that are still empty set no condition', () => {
  const draft = { ...START, tags: [['team:vision'], []] }
  expect(conditionOf(draft)).toEqual({ form: { ...FORM, tags: [['team:vision']] } })
})

test('a place in the text is found by line and column', () => {
  expect(offsetOf('ab\ncde\nf', 2, 3)).toBe(5)
  expect('ab\ncde\nf'[offsetOf('ab\ncde\nf', 3, 1)]).toBe('f')
})
