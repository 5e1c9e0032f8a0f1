import { Tooltip } from 'antd'
import { Link } from 'react-router'
import { formatBytes } from '@/base/format'
import { useText } from '@/base/text'
import { EmptyState } from '@/ui/EmptyState'
import { Panel } from '@/ui/Page'
import { tidy } from './amounts'
import type { Card, Node } from './queries'
import './resources.css'
import { text } from './text'

const STATES = ['free', 'shared', 'full', 'faulty'] as const

/** Every card of a group as one cell: its colour and its mark say how much of it is in use. */
export function CardMap({ nodes }: { nodes: readonly Node[] }) {
  const t = useText(text)
  const withCards = nodes.filter(({ cards }) => cards.length > 0)
  if (withCards.length === 0) {
    return (
      <Panel>
        <EmptyState title={t('cards.empty')} hint={t('cards.emptyHint')} />
      </Panel>
    )
  }
  return (
    <Panel title={t('tab.cards')} actions={<Legend />}>
      <div className="sw-stack">
        {withCards.map((node) => (
          <div key={node.id} className="resources-map-row">
            <span className="sw-name">
              <Link to={`/resources/nodes/${node.id}`}>{node.name}</Link>
              <small>{[...new Set(node.cards.map(({ model }) => model))].join(', ')}</small>
            </span>
            <CardCells cards={node.cards} large />
          </div>
        ))}
      </div>
    </Panel>
  )
}

/** The cells of one node. Each is read out as "Card 3: A100, 80 GiB, 0.4 of it in use". */
export function CardCells({ cards, large = false }: { cards: readonly Card[]; large?: boolean }) {
  const words = useCardWords()
  return (
    <ul className={large ? 'resources-cells resources-cells-large' : 'resources-cells'}>
      {cards.map((card, at) => (
        // A gap between islands of NVLink.
        <li
          key={card.index}
          data-island-begins={at > 0 && card.island !== cards[at - 1]?.island ? true : undefined}
        >
          <Tooltip title={words(card)}>
            {/* Reachable by keyboard: the words are only in the tooltip. */}
            <span
              className="resources-cell"
              role="img"
              aria-label={words(card)}
              // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
              tabIndex={0}
              data-state={card.state}
            >
              {card.state === 'shared' ? <i style={{ height: `${card.used * 100}%` }} /> : null}
              {large ? <b>{card.index}</b> : null}
            </span>
          </Tooltip>
        </li>
      ))}
    </ul>
  )
}

function Legend() {
  const t = useText(text)
  return (
    <ul className="resources-legend">
      {STATES.map((state) => (
        <li key={state}>
          <span className="resources-cell" data-state={state}>
            {state === 'shared' ? <i style={{ height: '50%' }} /> : null}
          </span>
          {t(`card.${state}`)}
        </li>
      ))}
    </ul>
  )
}

function useCardWords(): (card: Card) => string {
  const t = useText(text)
  return ({ index, model, memory_bytes, state, used, faulty, island }) => {
    const known = STATES.find((one) => one === state) ?? 'faulty'
    const what =
      known === 'shared' ? t('card.used', { used: tidy(used) }) : faulty || t(`card.${known}`)
    const words = t('card.words', { index, model, memory: formatBytes(memory_bytes), what })
    return island === null ? words : `${words} ${t('card.island', { number: island + 1 })}`
  }
}
