import { useState } from 'react'
import type { Done, Node } from '../queries'
import { BatchResult } from './BatchResult'
import { DrainDialog } from './DrainDialog'
import { GroupDialog } from './GroupDialog'
import { PlaceDialog } from './PlaceDialog'
import { PlanDialog } from './PlanDialog'
import { ReasonDialog } from './ReasonDialog'
import { ReleaseDialog } from './ReleaseDialog'

/** What is being asked about which nodes. */
export type Asking =
  | { what: 'move' | 'release' | 'rejoin'; nodes: readonly Node[] }
  | { what: 'cordon' | 'repair' | 'drain' | 'plan' | 'place'; nodes: readonly [Node] }

export interface NodeDialogsState {
  asking: Asking | null
  ask: (asking: Asking) => void
  close: () => void
  results: readonly Done[] | null
  show: (results: readonly Done[]) => void
  hideResults: () => void
}

export function useNodeDialogs(): NodeDialogsState {
  const [asking, setAsking] = useState<Asking | null>(null)
  const [results, setResults] = useState<readonly Done[] | null>(null)
  return {
    asking,
    ask: setAsking,
    close: () => setAsking(null),
    results,
    show: setResults,
    hideResults: () => setResults(null),
  }
}

/** The dialogs of node operations; at most one is open. */
export function NodeDialogs({ dialogs }: { dialogs: NodeDialogsState }) {
  return (
    <>
      <Asked dialogs={dialogs} />
      <BatchResult results={dialogs.results} onClose={dialogs.hideResults} />
    </>
  )
}

function Asked({ dialogs }: { dialogs: NodeDialogsState }) {
  const { asking } = dialogs
  switch (asking?.what) {
    case 'move':
    case 'rejoin':
      return <GroupDialog what={asking.what} nodes={asking.nodes} dialogs={dialogs} />
    case 'release':
      return <ReleaseDialog nodes={asking.nodes} dialogs={dialogs} />
    case 'cordon':
    case 'repair':
      return <ReasonDialog what={asking.what} node={asking.nodes[0]} onClose={dialogs.close} />
    case 'drain':
      return <DrainDialog node={asking.nodes[0]} onClose={dialogs.close} />
    case 'plan':
      return <PlanDialog node={asking.nodes[0]} onClose={dialogs.close} />
    case 'place':
      return <PlaceDialog node={asking.nodes[0]} onClose={dialogs.close} />
    case undefined:
      return null
  }
}
