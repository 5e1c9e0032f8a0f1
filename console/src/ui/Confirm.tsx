import { App, Input, Modal } from 'antd'
import { createContext, useContext, useState, type ReactNode } from 'react'
import { useText } from '@/base/text'
import { text } from './text'

export interface Question {
  title: string
  message?: ReactNode
  /** The word on the button: what will happen, not "OK". */
  action: string
  danger?: boolean
  /** For what cannot be undone: the button waits until this name is typed. */
  typeName?: string
}

type Ask = (question: Question) => Promise<boolean>
const ConfirmContext = createContext<Ask | null>(null)

export function useConfirm(): Ask {
  const ask = useContext(ConfirmContext)
  if (ask === null) throw new Error('useConfirm needs a ConfirmProvider above it.')
  return ask
}

interface Asked {
  question: Question
  answer: (yes: boolean) => void
}

export function ConfirmProvider({ children }: { children: ReactNode }) {
  const [asked, setAsked] = useState<Asked | null>(null)
  const [open, setOpen] = useState(false)
  const ask: Ask = (question) =>
    new Promise((resolve) => {
      setAsked({ question, answer: resolve })
      setOpen(true)
    })
  const settle = (yes: boolean) => {
    asked?.answer(yes)
    setOpen(false)
  }
  return (
    <ConfirmContext value={ask}>
      <App className="sw-app">{children}</App>
      {asked ? (
        <ConfirmDialog
          question={asked.question}
          open={open}
          onSettle={settle}
          onClosed={() => setAsked(null)}
        />
      ) : null}
    </ConfirmContext>
  )
}

interface DialogProps {
  question: Question
  open: boolean
  onSettle: (yes: boolean) => void
  onClosed: () => void
}

function ConfirmDialog({ question, open, onSettle, onClosed }: DialogProps) {
  const t = useText(text)
  const [typed, setTyped] = useState('')
  const { typeName } = question
  const ready = typeName === undefined || typed.trim() === typeName
  return (
    <Modal
      open={open}
      width={440}
      title={question.title}
      okText={question.action}
      okButtonProps={{ danger: question.danger, disabled: !ready }}
      cancelText={t('cancel')}
      onOk={() => onSettle(true)}
      onCancel={() => onSettle(false)}
      afterClose={onClosed}
    >
      {question.message}
      {typeName === undefined ? null : (
        <label className="sw-confirm-name">
          {t('confirm.typeName', { name: typeName })}
          <Input
            autoFocus
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            onPressEnter={() => ready && onSettle(true)}
          />
        </label>
      )}
    </Modal>
  )
}
