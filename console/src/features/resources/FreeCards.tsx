import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState, type ReactNode } from 'react'
import { formatBytes } from '@/base/format'
import { useText } from '@/base/text'
import { tidy } from './amounts'
import { Meter } from './Meter'
import { oneGroup, type CardSummary, type Group } from './queries'
import { ResourcePanel } from './ResourcePanel'
import './resources.css'
import { text } from './text'

interface Props {
  groupId: string
  /** Beside the head: whether what is asked for fits. */
  beside?: ReactNode
}

/** What a group has free at this moment, for the forms that ask for resources (RES-07). */
export function FreeCards({ groupId, beside }: Props) {
  const t = useText(text)
  const { data: group } = useQuery(oneGroup(groupId))
  const [open, setOpen] = useState(false)
  if (group === undefined) return null
  return (
    <section className="resources-free" aria-label={t('free')}>
      <header>
        <strong>{t('free')}</strong>
        {beside}
        <Button type="link" size="small" onClick={() => setOpen(true)}>
          {t('free.details')}
        </Button>
      </header>
      <Bars group={group} />
      <Cards cards={group.cards} />
      {group.preset_by_gpu ? <p className="sw-soft">{t('preset.hint')}</p> : null}
      <ResourcePanel group={group} open={open} onClose={() => setOpen(false)} />
    </section>
  )
}

function Bars({ group }: { group: Group }) {
  const t = useText(text)
  const a = group.amounts
  return (
    <div className="resources-free-bars">
      <Meter
        label={t('cpu')}
        held={a.cpu_cores - a.cpu_cores_free}
        total={a.cpu_cores}
        words={t('free.of', { free: tidy(a.cpu_cores_free), total: tidy(a.cpu_cores) })}
      />
      <Meter
        label={t('memory')}
        held={a.memory_bytes - a.memory_bytes_free}
        total={a.memory_bytes}
        words={t('free.of', {
          free: formatBytes(a.memory_bytes_free),
          total: formatBytes(a.memory_bytes),
        })}
      />
    </div>
  )
}

function Cards({ cards }: { cards: readonly CardSummary[] }) {
  const t = useText(text)
  if (cards.length === 0) return <p className="sw-faint">{t('free.noGpu')}</p>
  return (
    <ul>
      {cards.map((card) => (
        <li key={card.model}>
          <strong>{card.model}</strong> <CardWords card={card} />
          {card.shares ? null : <span className="sw-faint"> {t('free.wholeOnly')}</span>}
        </li>
      ))}
    </ul>
  )
}

export function CardWords({ card }: { card: CardSummary }) {
  const t = useText(text)
  return t('free.cards', {
    free: tidy(card.free),
    total: card.total,
    whole: tidy(card.whole),
    fragments: tidy(card.fragments),
  })
}
