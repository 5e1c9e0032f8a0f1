import { useNavigate } from 'react-router'
import { useApiMutation } from '@/api/queries'
import { useMay } from '@/api/session'
import { useText, type KeyOf } from '@/base/text'
import type { Action } from '@/ui/actions'
import { nodeCalls, TOUCHED, type Node } from '../queries'
import { text } from '../text'
import type { Asking, NodeDialogsState } from './NodeDialogs'

type Words = KeyOf<typeof text>

/** What can be done with one node; the API says what its state does not allow, and why. */
export function useNodeActions(dialogs: NodeDialogsState): (node: Node) => Action[] {
  const t = useText(text)
  const may = useMay()('compute:node:update')
  const navigate = useNavigate()
  const uncordon = useApiMutation(nodeCalls.uncordon, TOUCHED)
  const endRepair = useApiMutation(nodeCalls.endRepair, TOUCHED)
  const dead = useApiMutation(nodeCalls.dead, TOUCHED)
  return (node) => {
    const blocked = (operation: string) =>
      may ? (node.blocked[operation] ?? null) : t('mayNotChange')
    const asks = (what: Asking['what'], words: Words, operation: string): Action => ({
      key: what,
      label: t(words),
      blocked: blocked(operation),
      run: () => dialogs.ask({ what, nodes: [node] }),
    })
    return [
      {
        key: 'view',
        label: t('viewTasks'),
        blocked: node.blocked.view_tasks ?? null,
        run: () => void navigate(`/resources/nodes/${node.id}`),
      },
      asks('move', 'move', 'move'),
      node.cordoned
        ? {
            key: 'uncordon',
            label: t('uncordon'),
            blocked: blocked('uncordon'),
            run: () => uncordon.mutateAsync(node.id),
          }
        : asks('cordon', 'cordon', 'cordon'),
      asks('drain', 'drain', 'drain'),
      node.state === 'repairing'
        ? {
            key: 'endRepair',
            label: t('endRepair'),
            blocked: blocked('end_repair'),
            run: () => endRepair.mutateAsync(node.id),
          }
        : asks('repair', 'repair', 'repair'),
      asks('plan', 'plan', 'planned_end'),
      {
        key: 'place',
        label: t('place'),
        blocked: may ? null : t('mayNotChange'),
        run: () => dialogs.ask({ what: 'place', nodes: [node] }),
      },
      ...(node.state === 'abnormal'
        ? [
            {
              key: 'dead',
              label: t('dead'),
              danger: true,
              blocked: blocked('declare_dead'),
              confirm: {
                title: t('dead.title', { name: node.name }),
                message: t('dead.message'),
                action: t('dead'),
                danger: true,
                typeName: node.name,
              },
              run: () => dead.mutateAsync(node.id),
            },
          ]
        : []),
      ...(node.blocked.rejoin === null ? [asks('rejoin', 'rejoin', 'rejoin')] : []),
      { ...asks('release', 'release', 'release'), danger: true },
    ]
  }
}

/** What can be done with several nodes at once. */
export function useBatchActions(dialogs: NodeDialogsState): (nodes: readonly Node[]) => Action[] {
  const t = useText(text)
  const blocked = useMay()('compute:node:update') ? null : t('mayNotChange')
  return (nodes) => [
    { key: 'move', label: t('move'), blocked, run: () => dialogs.ask({ what: 'move', nodes }) },
    {
      key: 'release',
      label: t('release'),
      danger: true,
      blocked,
      run: () => dialogs.ask({ what: 'release', nodes }),
    },
  ]
}
