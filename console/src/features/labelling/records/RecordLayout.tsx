import type { ReactNode } from 'react'
import type { Component } from '../queries'
import { asTexts } from './FieldBody'
import { ImagesView } from './Images'
import { RecordForm, type FormProps } from './RecordForm'

interface Props extends FormProps {
  title: string
  /** At the left, below the images. */
  beside?: ReactNode
  /** Over the form. */
  above?: ReactNode
  /** At the right of the title. */
  tools?: ReactNode
}

/** One record: its images in a zone at the left, the form at the right. */
export function RecordLayout({ title, beside, above, tools, ...form }: Props) {
  const images = imagesOf(form.components)
  const split = images.length > 0 || Boolean(beside)
  return (
    <div className="label-records" data-split={split || undefined}>
      {split ? (
        <aside className="label-left">
          {images.length > 0 ? <ImagesView paths={images} filesUrl={form.filesUrl} /> : null}
          {beside}
        </aside>
      ) : null}
      <div
        className="label-form"
        style={{ '--label-font': `${form.display.fontSize}px` } as React.CSSProperties}
      >
        <div className="label-bar">
          <h1>{title}</h1>
          {tools}
        </div>
        {above}
        <RecordForm {...form} withoutImages />
      </div>
    </div>
  )
}

function imagesOf(components: readonly Component[]): string[] {
  return components
    .filter(({ type }) => type === 'ImageViewer' || type === 'ImageListViewer')
    .flatMap((component) => asTexts(component.value))
}
