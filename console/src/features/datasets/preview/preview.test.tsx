import { screen, within } from '@testing-library/react'
import { expect, test } from 'vitest'
import { draw } from '@/test/render'
import type { ImageSample, RecordSample, VersionDetail } from '../queries'
import { Gallery } from './Gallery'
import { usePreviewState } from './previewState'
import { Records } from './Records'

const image = (index: number, labels: string[]): ImageSample => ({
  kind: 'image',
  index,
  path: `cells/${index}.jpg`,
  size_bytes: 2048,
  width: 640,
  height: 480,
  labels: [],
  boxes: labels.map((label, at) => ({
    label,
    x: 10 * at,
    y: 0,
    width: 20,
    height: 30,
    polygons: [],
    attributes: {},
  })),
  image_url: `/image/${index}`,
  thumbnail_url: `/thumbnail/${index}`,
})

const version = {
  label_distribution: [
    { name: 'RBC', count: 3, share_percent: 75 },
    { name: 'WBC', count: 1, share_percent: 25 },
  ],
} as VersionDetail

function Shown() {
  const state = usePreviewState(24)
  return (
    <Gallery
      images={[image(4, ['RBC', 'RBC', 'WBC']), image(5, ['RBC'])]}
      state={state}
      version={version}
      boxes
    />
  )
}

test('a picture is enlarged by its address, with every label listed, and the keys go on', async () => {
  const { user, search } = draw(<Shown />, '/?page=3&label=RBC')
  await user.click(screen.getByRole('button', { name: 'Enlarge cells/4.jpg' }))
  expect(search()).toBe('?page=3&label=RBC&sample=4')
  const dialog = await screen.findByRole('dialog')
  expect(within(dialog).getByRole('img', { name: 'cells/4.jpg' })).toHaveAttribute(
    'src',
    '/image/4',
  )
  expect(
    within(dialog)
      .getAllByRole('listitem')
      .map((item) => item.textContent),
  ).toEqual(['RBC20 × 30', 'RBC20 × 30', 'WBC20 × 30'])
  await user.keyboard('{ArrowRight}')
  expect(search()).toBe('?page=3&label=RBC&sample=5')
  expect(screen.getByRole('button', { name: 'Next image' })).toBeDisabled()
  await user.keyboard('{Escape}')
  expect(search()).toBe('?page=3&label=RBC')
})

const record: RecordSample = {
  kind: 'record',
  index: 41,
  file: 'part-1.jsonl',
  fields: { question: 'How many?', answer: 'Three.', picture: 'a.jpg', source: 'book' },
  images: [{ field: 'picture', url: '/file/a.jpg', path: 'a.jpg' }],
  truncated: false,
}

test('a record is a conversation, with its pictures and what else it holds', () => {
  draw(<Records records={[record]} datasetId="ds-1" number={1} raw={false} />)
  expect(screen.getByText('No. 42')).toBeVisible()
  expect(screen.getByText('User').nextSibling).toHaveTextContent('How many?')
  expect(screen.getByText('Assistant').nextSibling).toHaveTextContent('Three.')
  expect(screen.getByRole('img', { name: 'a.jpg' })).toHaveAttribute('src', '/file/a.jpg')
  expect(screen.getByLabelText('Other fields')).toHaveTextContent(/^sourcebook$/)
})

test('raw shows the record as it is in the file', () => {
  draw(<Records records={[record]} datasetId="ds-1" number={1} raw />)
  expect(document.querySelector('pre')).toHaveTextContent('"picture": "a.jpg"')
})
