import { Radio, Segmented, Tooltip } from 'antd'
import { useState } from 'react'
import { useText } from '@/base/text'
import type { LabelKind } from './queries'
import { text } from './text'

interface Props {
  id?: string
  value?: LabelKind | null
  onChange?: (kind: LabelKind) => void
  /** What the chosen dataset is for; null: none is chosen yet, so everything is possible. */
  possible: readonly LabelKind[] | null
}

type Data = 'image' | 'text' | 'video'

const CARDS: Record<'image' | 'text', readonly LabelKind[]> = {
  image: ['classification', 'detection', 'tracking', 'segmentation', 'ocr'],
  text: ['records'],
}

/** What is to be labelled, each with a small picture of its result. */
export function ScenarioCards({ id, value, onChange, possible }: Props) {
  const t = useText(text)
  const [asked, setAsked] = useState<Data | null>(null)
  const fitting = value ?? possible?.[0] ?? 'detection'
  const data = asked ?? (CARDS.text.includes(fitting) ? 'text' : 'image')
  return (
    <div id={id} className="label-scenarios">
      <Segmented<Data>
        size="small"
        aria-label={t('dataType')}
        value={data}
        onChange={setAsked}
        options={[
          { value: 'image', label: t('dataType.image') },
          { value: 'text', label: t('dataType.text') },
          {
            value: 'video',
            disabled: true,
            label: <Tooltip title={t('dataType.video.hint')}>{t('dataType.video')}</Tooltip>,
          },
        ]}
      />
      <Radio.Group
        className="label-cards"
        value={value}
        aria-label={t('kind')}
        onChange={(event) => onChange?.(event.target.value as LabelKind)}
      >
        {CARDS[data === 'video' ? 'image' : data].map((kind) => {
          const off = possible !== null && !possible.includes(kind)
          return (
            <Radio key={kind} value={kind} disabled={off} title={off ? t('kind.off') : undefined}>
              <Picture kind={kind} />
              <span>
                <span className="sw-strong">{t(`kind.${kind}`)}</span>
                <small>{t(`kind.${kind}.hint`)}</small>
              </span>
            </Radio>
          )
        })}
      </Radio.Group>
    </div>
  )
}

function Picture({ kind }: { kind: LabelKind }) {
  return (
    <svg viewBox="0 0 72 48" className="label-card-picture" aria-hidden>
      <rect width="72" height="48" rx="4" className="label-card-ground" />
      {PICTURES[kind]}
    </svg>
  )
}

const CAT = 'M18 36c-4-12 0-22 4-24l5 5h8l5-5c4 2 8 12 4 24z'
const LINE = { fill: 'none', strokeWidth: 2, stroke: 'var(--sw-brand)' }
const PICTURES: Record<LabelKind, React.ReactNode> = {
  classification: (
    <>
      <path d={CAT} className="label-card-thing" />
      <rect x="45" y="5" width="22" height="9" rx="3" fill="var(--sw-brand)" />
      <rect x="49" y="8.5" width="14" height="2" rx="1" fill="#fff" />
    </>
  ),
  detection: (
    <>
      <path d={CAT} className="label-card-thing" />
      <circle cx="56" cy="31" r="7" className="label-card-thing" />
      <rect x="13" y="9" width="34" height="30" {...LINE} />
      <rect x="47" y="22" width="18" height="18" {...LINE} />
    </>
  ),
  tracking: (
    <>
      <circle cx="18" cy="30" r="6" className="label-card-thing" opacity="0.4" />
      <circle cx="35" cy="24" r="6" className="label-card-thing" opacity="0.7" />
      <circle cx="53" cy="18" r="6" className="label-card-thing" />
      <path d="M18 30 35 24 53 18" {...LINE} strokeDasharray="3 2" />
      <rect x="45" y="10" width="16" height="16" {...LINE} />
    </>
  ),
  segmentation: (
    <>
      <path
        d={CAT}
        fill="var(--sw-brand)"
        fillOpacity="0.45"
        stroke="var(--sw-brand)"
        strokeWidth="2"
      />
      <circle
        cx="56"
        cy="31"
        r="7"
        fill="var(--sw-good)"
        fillOpacity="0.45"
        stroke="var(--sw-good)"
        strokeWidth="2"
      />
    </>
  ),
  ocr: (
    <>
      <rect x="14" y="6" width="44" height="36" rx="2" className="label-card-thing" opacity="0.5" />
      {[13, 22, 31].map((y) => (
        <g key={y}>
          <rect x="18" y={y - 3} width="12" height="7" {...LINE} strokeWidth={1.5} />
          <rect x="33" y={y - 3} width="20" height="7" {...LINE} strokeWidth={1.5} />
        </g>
      ))}
    </>
  ),
  records: (
    <>
      {[11, 19, 27].map((y) => (
        <rect
          key={y}
          x="10"
          y={y}
          width={y === 27 ? 30 : 52}
          height="3"
          rx="1.5"
          className="label-card-thing"
        />
      ))}
      <circle cx="13" cy="38" r="3" {...LINE} />
      <circle cx="33" cy="38" r="3" fill="var(--sw-brand)" />
    </>
  ),
}
