import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Radio } from 'antd'
import { useRef, useState } from 'react'
import { useNavigate } from 'react-router'
import { useMay } from '@/api/session'
import { Problem } from '@/base/problem'
import { useText } from '@/base/text'
import type { Dataset } from '@/features/datasets/queries'
import type { Action } from '@/ui/actions'
import { schemaList, startLabelling, type Mode } from './queries'
import './schema.css'
import { text } from './text'

const PICTURES: readonly string[] = [
  'image_classification',
  'object_detection',
  'image_segmentation',
]
const RECORDS: readonly string[] = ['llm', 'mllm']

/** Of a dataset: label it, and for records the schema by which that is done. */
export function useLabelActions(): (dataset: Dataset) => Action[] {
  const t = useText(text)
  const may = useMay()
  const navigate = useNavigate()
  const client = useQueryClient()
  const schemas = useQuery(schemaList()).data?.items ?? []
  const mode = useRef<Mode>('in_place')
  const mayNot = may('label:task:create') ? null : t('mayNotLabel')

  const start = async (id: string) => {
    try {
      const task = await startLabelling(id, mode.current)
      void client.invalidateQueries({ queryKey: ['label-task'] })
      await navigate(`/labelling/${task.id}/work`)
    } catch (error) {
      // Somebody is labelling it already: that is where to go on.
      const code = error instanceof Problem ? error.code : ''
      if (code !== 'already_labelled') throw error
      await navigate(`/labelling/${String((error as Problem).details.task_id)}/work`)
    }
  }

  return ({ id, name, kind, address, latest_version: latest, blocked }) => {
    const notYet = latest === null ? (blocked.mount ?? null) : null
    if (PICTURES.includes(kind)) {
      return [
        {
          key: 'label',
          label: t('label'),
          blocked: mayNot ?? notYet,
          confirm: {
            title: t('start.title', { name }),
            message: t('start.cv'),
            action: t('label'),
          },
          run: () => void navigate(`/labelling/new?dataset=${id}`),
        },
      ]
    }
    if (!RECORDS.includes(kind)) return []
    const has = schemas.some((one) => one.dataset_id === id)
    return [
      {
        key: 'label',
        label: t('label'),
        blocked: mayNot ?? notYet ?? (has ? null : t('needsSchema')),
        confirm: {
          title: t('start.title', { name }),
          message: <Where address={address} onMode={(chosen) => (mode.current = chosen)} />,
          action: t('label'),
        },
        run: () => start(id),
      },
      {
        key: 'schema',
        label: t('configure'),
        blocked: may('label:task:get') ? notYet : t('mayNotWrite'),
        run: () => void navigate(`/datasets/${id}/schema`),
      },
    ]
  }
}

/** Into the files or not: asked each time, since it cannot be guessed. */
function Where({ address, onMode }: { address: string; onMode: (mode: Mode) => void }) {
  const t = useText(text)
  const [chosen, setChosen] = useState<Mode>(() => {
    onMode('in_place')
    return 'in_place'
  })
  return (
    <Radio.Group
      aria-label={t('start.where')}
      className="sw-stack"
      value={chosen}
      onChange={(event) => {
        setChosen(event.target.value as Mode)
        onMode(event.target.value as Mode)
      }}
    >
      {(['in_place', 'safe'] as const).map((one) => (
        <Radio key={one} value={one}>
          <strong>{t(`start.${one}`)}</strong>
          <div className="sw-soft">{t(`start.${one}.hint`, { address })}</div>
        </Radio>
      ))}
    </Radio.Group>
  )
}
