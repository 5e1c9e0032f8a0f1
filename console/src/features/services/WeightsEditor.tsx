import { Button, InputNumber, Slider, Tooltip } from 'antd'
import { useState } from 'react'
import { useApiMutation } from '@/api/queries'
import { useMay } from '@/api/session'
import { useText } from '@/base/text'
import { ActionButton } from '@/ui/actions'
import { useNotify } from '@/ui/notify'
import { Panel } from '@/ui/Page'
import { Sentence } from '@/ui/Sentence'
import { setWeights, type ServiceDetail } from './queries'
import { text } from './text'
import { moved, shareEvenly, sumOf } from './weights'

/** How much of the traffic each version gets; applied as a whole. */
export function WeightsEditor({ service }: { service: ServiceDetail }) {
  const t = useText(text)
  const may = useMay()
  const notify = useNotify()
  const known = Object.fromEntries(service.items.map(({ id, weight }) => [id, weight]))
  const [weights, setAll] = useState<Record<string, number>>(known)
  const save = useApiMutation(() => setWeights(service.id, weights), ['service'])
  const sum = sumOf(weights)
  const able = service.items.filter(({ blocked }) => blocked.weight === null).map(({ id }) => id)
  const wrong = sum === 100 ? null : t('weights.sum', { sum })
  return (
    <Panel
      title={t('weights')}
      actions={
        <span className="sw-row">
          <Button
            disabled={able.length === 0}
            onClick={() => setAll({ ...zeroed(known), ...shareEvenly(able) })}
          >
            {t('weights.even')}
          </Button>
          <ActionButton
            action={{
              key: 'apply',
              label: t('weights.apply'),
              primary: true,
              blocked: may('serve:service:update') ? wrong : t('mayNot'),
              run: async () => {
                await save.mutateAsync()
                notify.success(t('weights.done'))
              },
            }}
          />
        </span>
      }
    >
      <p className="sw-soft">{t('weights.lead')}</p>
      <div className="services-weights">
        {service.items.map(({ id, name, blocked, weight }) => {
          const why = weight > 0 ? null : (blocked.weight ?? null)
          const change = (value: number | null) => setAll(moved(weights, id, value ?? 0))
          return (
            <Tooltip
              key={id}
              title={why === null ? null : <Sentence of={why} />}
              placement="topLeft"
            >
              <div className="services-weight">
                <strong>{name}</strong>
                <Slider
                  value={weights[id] ?? 0}
                  disabled={why !== null}
                  onChange={change}
                  ariaLabelForHandle={name}
                />
                <InputNumber
                  aria-label={name}
                  min={0}
                  max={100}
                  precision={0}
                  suffix="%"
                  disabled={why !== null}
                  value={weights[id] ?? 0}
                  onChange={change}
                />
              </div>
            </Tooltip>
          )
        })}
      </div>
      {wrong === null ? null : (
        <p className="sw-field-error" role="alert">
          {wrong}
        </p>
      )}
    </Panel>
  )
}

function zeroed(weights: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.keys(weights).map((id) => [id, 0]))
}
