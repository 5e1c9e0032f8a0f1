import { Modal, Select } from 'antd'
import { useState } from 'react'
import { useText } from '@/base/text'
import { CodeBlock } from '@/ui/CodeBlock'
import { codeSamples } from './code'
import { text } from './text'
import type { Conversation, Service } from './types'

interface Props {
  open: boolean
  conversation: Conversation
  services: readonly Service[]
  onClose: () => void
}

/** The conversation as it stands, to go on with in a program. */
export function CodeDialog({ open, conversation, services, onClose }: Props) {
  const t = useText(text)
  const [at, setAt] = useState(0)
  const side = conversation.sides[at] ?? conversation.sides[0]
  const service = services.find(({ id }) => id === side?.service)
  return (
    <Modal
      open={open}
      onCancel={onClose}
      footer={null}
      title={t('code')}
      width={860}
      destroyOnHidden
    >
      <div className="sw-stack">
        {conversation.sides.length > 1 ? (
          <Select<number>
            aria-label={t('service')}
            value={at}
            onChange={setAt}
            options={conversation.sides.map(({ serviceName }, value) => ({
              value,
              label: serviceName,
            }))}
          />
        ) : null}
        <p className="sw-faint">{t('code.hint')}</p>
        {side === undefined || service === undefined ? (
          <p>{t('service.gone', { name: side?.serviceName ?? '' })}</p>
        ) : (
          <CodeBlock samples={codeSamples(conversation, side, service)} maxHeight={520} />
        )}
      </div>
    </Modal>
  )
}
