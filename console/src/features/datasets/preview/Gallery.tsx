import { useState } from 'react'
import { useText } from '@/base/text'
import type { ImageSample, VersionDetail } from '../queries'
import { Boxes } from './Boxes'
import { labelColours, useSeriesColours } from './colours'
import { ImageViewer } from './ImageViewer'
import type { PreviewState } from './previewState'
import { text } from './text'

interface Props {
  images: readonly ImageSample[]
  state: PreviewState
  version: VersionDetail | undefined
  boxes: boolean
}

export function Gallery({ images, state, version, boxes }: Props) {
  const colours = labelColours(version, useSeriesColours())
  const at = images.findIndex(({ index }) => index === state.sample)
  const show = (image: ImageSample | undefined) =>
    state.change({ sample: image === undefined ? null : String(image.index) })
  return (
    <>
      <ul className="datasets-gallery">
        {images.map((image) => (
          <li key={image.index}>
            <Card
              image={image}
              colours={colours}
              label={state.label}
              boxes={boxes}
              onOpen={() => show(image)}
            />
          </li>
        ))}
      </ul>
      <ImageViewer
        image={images[at] ?? null}
        colours={colours}
        onClose={() => show(undefined)}
        onPrevious={at > 0 ? () => show(images[at - 1]) : null}
        onNext={at !== -1 && at < images.length - 1 ? () => show(images[at + 1]) : null}
      />
    </>
  )
}

interface CardProps {
  image: ImageSample
  colours: ReadonlyMap<string, string>
  label: string | undefined
  boxes: boolean
  onOpen: () => void
}

function Card({ image, colours, label, boxes, onOpen }: CardProps) {
  const t = useText(text)
  const [picture, setPicture] = useState<'coming' | 'there' | 'broken'>('coming')
  const name = image.path.split('/').at(-1)
  const tiny = Math.max(image.width, image.height) <= 64
  return (
    <button
      type="button"
      className="datasets-card"
      aria-label={t('viewer.open', { path: image.path })}
      onClick={onOpen}
    >
      <span className="datasets-thumb" data-tiny={tiny}>
        {picture === 'broken' ? (
          <span className="sw-faint">{t('viewer.failed')}</span>
        ) : (
          <img
            src={image.thumbnail_url}
            alt=""
            loading="lazy"
            onLoad={() => setPicture('there')}
            onError={() => setPicture('broken')}
          />
        )}
        {boxes && image.boxes.length > 0 && picture === 'there' ? (
          <Boxes image={image} colours={colours} label={label} />
        ) : null}
      </span>
      <span className="datasets-caption" title={image.path}>
        <span>{name}</span>
        <LabelDots image={image} colours={colours} />
      </span>
    </button>
  )
}

/** The labels of an image as coloured dots with counts, or the class by name. */
function LabelDots({ image, colours }: Pick<CardProps, 'image' | 'colours'>) {
  const counts = countLabels(image)
  return (
    <span className="datasets-dots">
      {counts.slice(0, 3).map(([name, count]) => (
        <span key={name} className="datasets-label" title={name}>
          <i style={{ background: colours.get(name) }} />
          {image.boxes.length > 0 ? count : name}
        </span>
      ))}
    </span>
  )
}

export function countLabels(image: Pick<ImageSample, 'boxes' | 'labels'>): [string, number][] {
  const counts = new Map<string, number>()
  const names = image.boxes.length > 0 ? image.boxes.map(({ label }) => label) : image.labels
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts].sort(([, a], [, b]) => b - a)
}
