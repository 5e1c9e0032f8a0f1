import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useApiMutation } from '@/api/queries'
import { useMay } from '@/api/session'
import { useText } from '@/base/text'
import { ActionButton, type Action } from '@/ui/actions'
import { Facts } from '@/ui/Facts'
import { useNotify } from '@/ui/notify'
import { Panel } from '@/ui/Page'
import { Sentence } from '@/ui/Sentence'
import { TimeText } from '@/ui/TimeText'
import { cancelRollout, rolloutOf, type Rollout, type ServiceDetail } from '../queries'
import { text as serviceText } from '../text'
import { StartRolloutDialog } from './StartRolloutDialog'
import { text } from './text'

const TONES: Record<Rollout['state'], string> = {
  running: 'busy',
  done: 'good',
  rolled_back: 'bad',
  cancelled: 'neutral',
}

/** The rollout that is running or was last, and the way to begin or cancel one. */
export function RolloutPanel({ service }: { service: ServiceDetail }) {
  const t = useText(text)
  const [starting, setStarting] = useState(false)
  const { data } = useQuery(rolloutOf(service.id))
  const start = useStart(service, () => setStarting(true))
  const cancel = useCancel(service)
  return (
    <Panel
      title={t('title')}
      actions={<ActionButton action={data?.state === 'running' ? cancel : start} />}
    >
      {data ? <Seen rollout={data} /> : <p className="sw-soft">{t('start.lead')}</p>}
      <StartRolloutDialog
        service={starting ? service : null}
        choices={candidates(service)}
        onClose={() => setStarting(false)}
      />
    </Panel>
  )
}

/** Running versions that do not get all of the traffic already. */
function candidates({ items }: ServiceDetail) {
  const able = items.filter((one) => one.blocked.weight === null && one.weight < 100)
  return able.toSorted((a, b) => b.number - a.number)
}

function useStart(service: ServiceDetail, run: () => void): Action {
  const t = useText(text)
  const s = useText(serviceText)
  const may = useMay()
  const none = candidates(service).length === 0 ? t('only') : null
  return {
    key: 'start',
    label: t('start'),
    blocked: may('serve:service:update') ? none : s('mayNot'),
    run,
  }
}

function useCancel(service: ServiceDetail): Action {
  const t = useText(text)
  const s = useText(serviceText)
  const may = useMay()
  const notify = useNotify()
  const cancel = useApiMutation(() => cancelRollout(service.id), ['service'])
  return {
    key: 'cancel',
    label: t('cancel'),
    danger: true,
    blocked: may('serve:service:update') ? null : s('mayNot'),
    confirm: {
      title: t('cancel.title'),
      message: t('cancel.message'),
      action: t('cancel'),
      danger: true,
    },
    run: async () => {
      await cancel.mutateAsync()
      notify.success(t('cancel.done'))
    },
  }
}

function Seen({ rollout }: { rollout: Rollout }) {
  const t = useText(text)
  const { checks, state, steps } = rollout
  const told = [
    ...(checks.error_pct == null ? [] : [`${t('error')} ${checks.error_pct}`]),
    ...(checks.p95_ms == null ? [] : [`${t('p95')} ${checks.p95_ms}`]),
    ...(checks.ttft_p95_ms == null ? [] : [`${t('ttft')} ${checks.ttft_p95_ms}`]),
  ]
  return (
    <Facts
      columns={3}
      items={[
        { key: 'version', label: t('version'), value: <code>{rollout.version_id}</code> },
        {
          key: 'state',
          label: t('state'),
          value: (
            <span className="services-level" data-tone={TONES[state]}>
              {t(`state.${state}`)}
            </span>
          ),
        },
        {
          key: 'at',
          label: t('steps'),
          value: t('at', { at: rollout.at + 1, count: steps.length, weight: rollout.weight }),
        },
        {
          key: 'since',
          label: t('since'),
          value: <TimeText value={rollout.ended_at ?? rollout.step_since} absolute />,
        },
        { key: 'by', label: t('by'), value: rollout.started_by },
        { key: 'checks', label: t('checks'), value: told.join(' · ') || null },
        ...(rollout.reason === ''
          ? []
          : [{ key: 'reason', label: t('state'), value: <Sentence of={rollout.reason} /> }]),
      ]}
    />
  )
}
