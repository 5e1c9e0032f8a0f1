import { screen, waitFor } from '@testing-library/react'
import type { QueryClient } from '@tanstack/react-query'
import { beforeAll, expect, test } from 'vitest'
import { draw } from '@/test/render'
import { groupList } from '../../resources/queries'
import { environmentList, oneTask, templateList, type TaskDetail } from '../queries'
import { datasetChoices, folderChoices, modelChoices } from '../sources'
import { NewTaskPage } from './NewTaskPage'
import { EMPTY, toForm } from './values'

const TEMPLATE = {
  id: 'llm-lora',
  name: { en: 'Fine-tune', zh: '精调' },
  description: { en: 'Trains low-rank parts.', zh: '' },
  command: 'python -m finetune',
  hyperparameters: { Epoch: 2 },
}

function prepare(client: QueryClient) {
  const environment = {
    framework: 'python',
    custom: false,
    unavailable: null,
    unavailable_modes: {},
  }
  client.setQueryData(environmentList().queryKey, {
    items: [
      { ...environment, id: 'python', name: 'Python', modes: ['single', 'ddp'] },
      { ...environment, id: 'llm', name: 'LLM', modes: ['single'] },
    ],
  })
  client.setQueryData(templateList().queryKey, { items: [TEMPLATE] })
  client.setQueryData(groupList().queryKey, { items: [], next_cursor: null, total: 0 })
  client.setQueryData(folderChoices('').queryKey, ['bucket/'])
  const none = { items: [], next_cursor: null, total: 0 }
  client.setQueryData(datasetChoices('').queryKey, none)
  client.setQueryData(modelChoices('').queryKey, none)
}

// Text areas measure themselves by sizes that jsdom has only where a rule gives them.
beforeAll(() => {
  const style = document.createElement('style')
  const sides = ['padding-top', 'padding-bottom', 'border-top-width', 'border-bottom-width']
  style.textContent = `textarea { ${sides.map((side) => `${side}: 0px`).join('; ')} }`
  document.head.append(style)
})

const field = (name: string) => screen.getByLabelText(name)

test('a recipe fills in command, values and mounts, and what is missing is told by name', async () => {
  const { user } = draw(<NewTaskPage />, '/?template=llm-lora', prepare)
  expect(screen.getByRole('radio', { name: /Fine-tune/ })).toBeChecked()
  await user.click(field('Name'))
  await user.paste('first-run')
  await user.click(screen.getByRole('button', { name: 'Next' }))
  await waitFor(() => expect(screen.getByRole('button', { name: 'Submit' })).toBeVisible())
  expect(field('Start command')).toHaveValue('python -m finetune')
  expect(field('Hyper-parameters')).toHaveValue('{\n  "Epoch": 2\n}')
  await user.click(screen.getByRole('button', { name: 'Submit' }))
  expect(await screen.findByText(/Mount 1: choose what is mounted/)).toBeVisible()
}, 20_000)

test('a name that breaks the rule keeps one on the first step', async () => {
  const { user } = draw(<NewTaskPage />, '/', prepare)
  await user.click(field('Name'))
  await user.paste('-x')
  await user.click(screen.getByRole('button', { name: 'Next' }))
  await waitFor(() => expect(field('Name')).toHaveAttribute('aria-invalid', 'true'))
  expect(screen.queryByRole('button', { name: 'Submit' })).toBeNull()
}, 20_000)

test('a copy begins with the configuration of the original under a free name', () => {
  const spec = toForm({ ...EMPTY, name: 'sweep-3', command: 'python train.py', mode: 'ddp' })
  const original = { id: 'train-1', name: 'sweep-3', state: 'Completed', spec }
  draw(<NewTaskPage />, '/?copy=train-1', (client) => {
    prepare(client)
    client.setQueryData(oneTask('train-1').queryKey, original as unknown as TaskDetail)
  })
  expect(screen.getByRole('heading', { name: 'Copy of sweep-3' })).toBeVisible()
  expect(field('Name')).toHaveValue('sweep-4')
  expect(field('Start command')).toHaveValue('python train.py')
})
