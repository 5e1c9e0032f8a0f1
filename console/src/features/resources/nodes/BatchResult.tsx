import { Modal } from 'antd'
import { useText } from '@/base/text'
import { DataTable } from '@/ui/DataTable'
import { Sentence } from '@/ui/Sentence'
import { StatusTag } from '@/ui/StatusTag'
import type { Done } from '../queries'
import { text } from '../text'

interface Props {
  results: readonly Done[] | null
  onClose: () => void
}

/** Each node of a batch with its success or its reason. */
export function BatchResult({ results, onClose }: Props) {
  const t = useText(text)
  return (
    <Modal
      open={results !== null}
      width={640}
      title={t('batch.title')}
      footer={null}
      onCancel={onClose}
    >
      <DataTable<Done>
        label={t('batch.title')}
        rows={results ?? []}
        rowKey={(result) => result.node_id}
        columns={[
          {
            key: 'node',
            title: t('node'),
            render: (result) => <span className="sw-mono">{result.node_id}</span>,
          },
          {
            key: 'state',
            title: t('state'),
            render: ({ done }) => <StatusTag state={done ? 'succeeded' : 'failed'} />,
          },
          {
            key: 'problem',
            title: t('reason'),
            render: ({ problem }) => (
              <div className="resources-reason">{problem ? <Sentence of={problem} /> : '–'}</div>
            ),
          },
        ]}
      />
    </Modal>
  )
}
