import { Checkbox } from 'antd'
import { useEffect, useRef, useState } from 'react'
import { useNavigate } from 'react-router'
import { useApiMutation } from '@/api/queries'
import { useMay } from '@/api/session'
import { useText } from '@/base/text'
import type { Action } from '@/ui/actions'
import { useNotify } from '@/ui/notify'
import { useLabelActions } from '@/features/labelling/schema/useLabelActions'
import { KINDS } from './kinds'
import {
  deleteDataset,
  deleteDatasetAndOutput,
  exportUrl,
  retryImport,
  type Dataset,
} from './queries'
import { text } from './text'

interface Handlers {
  onPublish: (dataset: Dataset) => void
  onEdit: (dataset: Dataset) => void
  onDeleted?: () => void
}

/** What can be done with a dataset, in the order of use. */
export function useDatasetActions({ onPublish, onEdit, onDeleted }: Handlers) {
  const t = useText(text)
  const may = useMay()
  const notify = useNotify()
  const navigate = useNavigate()
  const remove = useApiMutation(deleteDataset, ['dataset'])
  const removeAll = useApiMutation(deleteDatasetAndOutput, ['dataset'])
  const output = useRef(false) // what the open question's box says
  const [tick] = useState(() => (also: boolean) => {
    output.current = also
  })
  const mayWrite = may('data:dataset:update') ? null : t('mayNotWrite')
  const retry = useRetry()
  const labelling = useLabelActions()

  return (dataset: Dataset): Action[] => {
    const { id, name, blocked, latest_version: latest } = dataset
    return [
      ...(blocked.retry === null ? [retry(dataset)] : []),
      ...labelling(dataset),
      {
        key: 'train',
        label: t('train'),
        blocked: blocked.mount,
        run: () => void navigate(`/training/new?dataset=${id}`),
      },
      {
        key: 'publish',
        label: t('publish'),
        blocked: mayWrite ?? blocked.publish,
        run: () => onPublish(dataset),
      },
      {
        key: 'edit',
        label: t('edit'),
        blocked: mayWrite ?? blocked.update,
        run: () => onEdit(dataset),
      },
      ...KINDS[dataset.kind].exports.map((format, _, all) => ({
        key: `export ${format}`,
        label: all.length === 1 ? t('export') : t('export.as', { format: t(`format.${format}`) }),
        blocked: blocked.export,
        run: () => window.location.assign(exportUrl(id, latest ?? 1, format)),
      })),
      {
        key: 'delete',
        label: t('delete'),
        danger: true,
        blocked: may('data:dataset:delete') ? blocked.delete : t('mayNotDelete'),
        confirm: {
          title: t('delete.title', { name }),
          message: <DeleteMessage dataset={dataset} onOutput={tick} />,
          action: t('delete'),
          danger: true,
          typeName: name,
        },
        run: async () => {
          await (output.current ? removeAll : remove).mutateAsync(id)
          notify.success(t('delete.done', { name }))
          onDeleted?.()
        },
      },
    ]
  }
}

/** Imports the newest version again after it failed. */
export function useRetry(): (dataset: Dataset) => Action {
  const t = useText(text)
  const may = useMay()('data:dataset:update')
  const notify = useNotify()
  const again = useApiMutation(retryImport, ['dataset'])
  return ({ id, blocked }) => ({
    key: 'retry',
    label: t('retry'),
    blocked: may ? blocked.retry : t('mayNotWrite'),
    run: async () => {
      await again.mutateAsync(id)
      notify.success(t('retry.done'))
    },
  })
}

interface MessageProps {
  dataset: Dataset
  onOutput: (also: boolean) => void
}

function DeleteMessage({ dataset, onOutput }: MessageProps) {
  const t = useText(text)
  const { address, used_by: uses } = dataset
  // Each question begins unticked, whatever was ticked in one that was cancelled.
  useEffect(() => onOutput(false), [onOutput])
  return (
    <div className="sw-stack">
      <span>{t('delete.message', { address })}</span>
      {dataset.output_address === null ? null : (
        <Checkbox onChange={(event) => onOutput(event.target.checked)}>
          {t('delete.output', { address: dataset.output_address })}
        </Checkbox>
      )}
      {uses.length > 0 ? (
        <div>
          {t('delete.uses', { count: uses.length })}
          <ul className="datasets-uses">
            {uses.slice(0, 5).map((use) => (
              <li key={`${use.subject_id} ${use.version}`}>
                {use.name} <span className="sw-faint">v{use.version}</span>
              </li>
            ))}
          </ul>
        </div>
      ) : null}
    </div>
  )
}
