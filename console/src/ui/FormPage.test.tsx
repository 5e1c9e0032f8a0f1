import { screen, waitFor } from '@testing-library/react'
import { Form, Input } from 'antd'
import { expect, test, vi } from 'vitest'
import { Problem } from '@/base/problem'
import { draw } from '@/test/render'
import { FormPage } from './FormPage'

interface Values {
  name: string
  resources: { cpu: string }
}

function Page({ onSubmit }: { onSubmit: (values: Values) => Promise<unknown> }) {
  return (
    <FormPage<Values>
      title="New task"
      back={{ to: '/tasks', label: 'Tasks' }}
      initialValues={{ name: '', resources: { cpu: '1' } }}
      submitLabel="Create"
      summary={(values) => [{ key: 'name', label: 'Chosen name', value: values.name }]}
      onSubmit={onSubmit}
      steps={[
        {
          key: 'basics',
          title: 'Basics',
          fields: ['name'],
          render: () => (
            <Form.Item name="name" label="Name" rules={[{ required: true, message: 'Name it.' }]}>
              <Input />
            </Form.Item>
          ),
        },
        {
          key: 'resources',
          title: 'Resources',
          fields: ['resources.cpu'],
          render: () => (
            <Form.Item name={['resources', 'cpu']} label="CPU">
              <Input />
            </Form.Item>
          ),
        },
      ]}
    />
  )
}

const field = (name: string) => screen.getByLabelText(name)

test('a step is left only when it is right, and Enter goes on', async () => {
  const onSubmit = vi.fn(() => Promise.resolve())
  const { user } = draw(<Page onSubmit={onSubmit} />)
  await user.click(screen.getByRole('button', { name: 'Next' }))
  expect(await screen.findByText('Name it.')).toBeVisible()
  expect(field('CPU')).not.toBeVisible()
  await user.type(field('Name'), 'digits{Enter}')
  await waitFor(() => expect(field('CPU')).toBeVisible())
  expect(screen.getByText('Chosen name').nextSibling).toHaveTextContent('digits')
  await user.click(screen.getByRole('button', { name: 'Create' }))
  await waitFor(() =>
    expect(onSubmit).toHaveBeenCalledWith({ name: 'digits', resources: { cpu: '1' } }),
  )
})

test('what the API says about a field stands at the field, in its step', async () => {
  const taken = new Problem(409, 'name_taken', 'The name is taken.', { field: 'name' })
  const { user } = draw(<Page onSubmit={() => Promise.reject(taken)} />)
  await user.type(field('Name'), 'digits{Enter}')
  await user.click(await screen.findByRole('button', { name: 'Create' }))
  await waitFor(() => expect(field('Name')).toBeVisible())
  await waitFor(() => expect(field('Name')).toHaveAccessibleDescription('The name is taken.'))
})

test('what concerns no field stands above the form', async () => {
  const full = new Problem(507, 'storage_full', 'There is no room left. Delete something.')
  const { user } = draw(<Page onSubmit={() => Promise.reject(full)} />)
  await user.type(field('Name'), 'digits{Enter}')
  await user.click(await screen.findByRole('button', { name: 'Create' }))
  expect(await screen.findByRole('alert')).toHaveTextContent('There is no room left.')
})
