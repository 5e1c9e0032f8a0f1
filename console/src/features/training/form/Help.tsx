import { Button, Drawer } from 'antd'
import { useState, type ReactNode } from 'react'
import { usePreference } from '@/base/preferences'
import { useText } from '@/base/text'
import { CodeBlock } from '@/ui/CodeBlock'
import { DataTable } from '@/ui/DataTable'
import { PARAMETERS } from './parameters'
import { SNIPPETS } from './snippets'
import { formText } from './text'

const CHAT_SAMPLE = `{"system": "You are a helpful assistant.", "conversation": [{"prompt": "Hello", "response": "Hello! What can I do for you?"}]}
{"conversation": [{"prompt": "2 + 2?", "response": "4"}, {"prompt": "Times 3?", "response": "12"}]}`

/** The keys of a template: what each does and what it may be. */
export function HyperparameterHelp() {
  const f = useText(formText)
  const [language] = usePreference('language')
  return (
    <Help words={f('parameters.help')} title={f('parameters.title')} lead={f('parameters.lead')}>
      <DataTable
        label={f('parameters.title')}
        rows={PARAMETERS}
        rowKey={({ name }) => name}
        columns={[
          { key: 'name', title: f('parameters.name'), render: ({ name }) => <code>{name}</code> },
          {
            key: 'initial',
            title: f('parameters.initial'),
            render: ({ initial }) => <code>{initial}</code>,
          },
          {
            key: 'words',
            title: f('parameters.meaning'),
            render: ({ words }) => <div className="training-meaning">{words[language]}</div>,
          },
        ]}
      />
    </Help>
  )
}

/** What training data must look like. */
export function DataFormatHelp() {
  const f = useText(formText)
  return (
    <Help words={f('data.help')} title={f('data.title')} lead={f('data.lead')}>
      <div className="sw-stack sw-pad">
        <CodeBlock samples={[{ language: 'train.jsonl', code: CHAT_SAMPLE }]} />
        <ul className="training-rules">
          <li>{f('data.rule.encoding')}</li>
          <li>{f('data.rule.size')}</li>
          <li>{f('data.rule.merge')}</li>
          <li>{f('data.rule.info')}</li>
          <li>{f('data.rule.text')}</li>
        </ul>
      </div>
    </Help>
  )
}

/** What runs where in the chosen mode, and a command to begin with. */
export function ModeHelp({ mode }: { mode: string }) {
  const f = useText(formText)
  const code = SNIPPETS[mode]
  if (code === undefined) return null
  return (
    <Help words={f('mode.help')} title={f('mode.help')} lead={f(`mode.lead.${mode as 'ddp'}`)}>
      <div className="sw-stack sw-pad">
        <CodeBlock samples={[{ language: 'bash', code }]} />
      </div>
    </Help>
  )
}

interface HelpProps {
  words: string
  title: string
  lead: string
  children: ReactNode
}

function Help({ words, title, lead, children }: HelpProps) {
  const [open, setOpen] = useState(false)
  return (
    <>
      <Button type="link" size="small" className="training-help" onClick={() => setOpen(true)}>
        {words}
      </Button>
      <Drawer
        open={open}
        size={720}
        title={title}
        onClose={() => setOpen(false)}
        styles={{ body: { padding: 0 } }}
      >
        <p className="sw-soft sw-pad">{lead}</p>
        {children}
      </Drawer>
    </>
  )
}
