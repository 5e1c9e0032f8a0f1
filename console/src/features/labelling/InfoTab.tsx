import { Tag } from 'antd'
import { Link } from 'react-router'
import { useText } from '@/base/text'
import { Facts } from '@/ui/Facts'
import { Panel } from '@/ui/Page'
import { Tags } from '@/ui/Tags'
import { TimeText } from '@/ui/TimeText'
import { text as ocrText } from './ocr/text'
import type { Task } from './queries'
import { text } from './text'

export function InfoTab({ task }: { task: Task }) {
  const t = useText(text)
  const o = useText(ocrText)
  return (
    <Panel>
      <Facts
        items={[
          { key: 'kind', label: t('kind'), value: t(`kind.${task.kind}`) },
          ...(task.ocr === null
            ? []
            : [
                { key: 'ocr', label: o('type'), value: o(`type.${task.ocr.type}`) },
                {
                  key: 'engine',
                  label: o('engine'),
                  value:
                    task.ocr.service_id ??
                    o(task.ocr.blocked === null ? 'engine.builtIn' : 'engine.missing'),
                },
              ]),
          {
            key: 'dataset',
            label: t('dataset'),
            value: (
              <Link to={`/datasets/${task.dataset_id}?v=${task.dataset_version}`}>
                {`${task.dataset_name} (v${task.dataset_version})`}
              </Link>
            ),
          },
          { key: 'format', label: t('format'), value: t(`format.${task.label_format}`) },
          { key: 'mode', label: t('mode'), value: t(`mode.${task.mode}`) },
          { key: 'sharing', label: t('sharing'), value: t(`sharing.${task.sharing}`) },
          {
            key: 'labellers',
            label: t('labellers'),
            value: task.labellers.map(({ name }) => name).join(', ') || t('labellers.all'),
          },
          { key: 'review', label: t('needsReview'), value: t(task.needs_review ? 'yes' : 'no') },
          { key: 'tags', label: t('tags'), value: <Tags tags={task.tags} /> },
          { key: 'by', label: t('by'), value: task.creator_name },
          {
            key: 'created',
            label: t('created'),
            value: <TimeText value={task.created_at} absolute />,
          },
          {
            key: 'labels',
            label: t('labels'),
            wide: true,
            value:
              task.labels.length === 0 ? null : (
                <span className="sw-tags">
                  {task.labels.map(({ name, colour }) => (
                    <Tag key={name} variant="outlined">
                      <span className="label-tag-dot" style={{ color: colour }}>
                        ■
                      </span>{' '}
                      {name}
                    </Tag>
                  ))}
                </span>
              ),
          },
          {
            key: 'description',
            label: t('description'),
            wide: true,
            value: task.description || null,
          },
        ]}
      />
    </Panel>
  )
}
