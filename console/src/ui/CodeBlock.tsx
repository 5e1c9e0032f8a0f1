import { Segmented } from 'antd'
import { useState, type ReactNode } from 'react'
import { CopyButton } from './CopyButton'
import { highlighted } from './highlight'

export interface Sample {
  language: string
  code: string
}

interface Props {
  samples: readonly Sample[]
  title?: ReactNode
  /** Longer blocks scroll inside themselves. */
  maxHeight?: number
}

/** Code to copy; several samples of the same thing stand behind tabs. */
export function CodeBlock({ samples, title, maxHeight = 420 }: Props) {
  const [language, setLanguage] = useState(samples[0]?.language)
  const shown = samples.find((sample) => sample.language === language) ?? samples[0]
  if (shown === undefined) return null
  return (
    <figure className="sw-code">
      <figcaption>
        {title ? <span>{title}</span> : null}
        {samples.length > 1 ? (
          <Segmented
            size="small"
            value={shown.language}
            options={samples.map((sample) => sample.language)}
            onChange={setLanguage}
          />
        ) : (
          <span className="sw-faint">{shown.language}</span>
        )}
        <CopyButton value={shown.code} worded />
      </figcaption>
      {/* Scrollable areas must be reachable by keyboard. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre tabIndex={0} style={{ maxHeight }}>
        <code>{highlighted(shown.code, shown.language)}</code>
      </pre>
    </figure>
  )
}
