import { BulbOutlined, SearchOutlined, TranslationOutlined } from '@ant-design/icons'
import { Modal } from 'antd'
import { useId, useState, type KeyboardEvent, type ReactNode } from 'react'
import { useNavigate } from 'react-router'
import { useMay } from '@/api/session'
import { setPreference, usePreference } from '@/base/preferences'
import { useText } from '@/base/text'
import { ROOMS } from './map'
import { text } from './text'

interface Command {
  key: string
  label: string
  room: string
  icon: ReactNode
  run: () => void
}

export function CommandPalette({ open, onClose }: { open: boolean; onClose: () => void }) {
  const t = useText(text)
  return (
    <Modal
      open={open}
      onCancel={onClose}
      title={<span className="sw-hidden">{t('jump')}</span>}
      styles={{ header: { height: 0, margin: 0 } }}
      footer={null}
      closable={false}
      width={520}
      destroyOnHidden
      className="sw-palette"
      style={{ top: 96 }}
    >
      <Palette onClose={onClose} />
    </Modal>
  )
}

function Palette({ onClose }: { onClose: () => void }) {
  const t = useText(text)
  const listId = useId()
  const [typed, setTyped] = useState('')
  const [at, setAt] = useState(0)
  const found = useCommands().filter((command) => matches(command, typed))
  const run = (command: Command | undefined) => {
    if (command === undefined) return
    onClose()
    command.run()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step !== undefined && found.length > 0) {
      event.preventDefault()
      setAt((at + step + found.length) % found.length)
    } else if (event.key === 'Enter') {
      event.preventDefault()
      run(found[at])
    }
  }
  const optionId = (index: number) => `${listId}-${index}`
  return (
    <>
      <div className="sw-palette-box">
        <SearchOutlined aria-hidden />
        <input
          autoFocus
          role="combobox"
          aria-label={t('jump')}
          aria-expanded
          aria-controls={listId}
          aria-activedescendant={found.length > 0 ? optionId(at) : undefined}
          placeholder={t('jump')}
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value)
            setAt(0)
          }}
          onKeyDown={onKeyDown}
        />
        <kbd>Esc</kbd>
      </div>
      <div role="listbox" id={listId} aria-label={t('jump.pages')} className="sw-palette-list">
        {found.map((command, index) => (
          // The keyboard acts on the box above, which points here (aria-activedescendant).
          // eslint-disable-next-line jsx-a11y/click-events-have-key-events
          <div
            key={command.key}
            id={optionId(index)}
            role="option"
            tabIndex={-1}
            aria-selected={index === at}
            className="sw-palette-option"
            onMouseMove={() => setAt(index)}
            onClick={() => run(command)}
          >
            <span aria-hidden>{command.icon}</span>
            {command.label}
            <span className="sw-faint">{command.room}</span>
          </div>
        ))}
        {found.length === 0 ? <div className="sw-palette-none">{t('jump.none')}</div> : null}
      </div>
    </>
  )
}

function useCommands(): Command[] {
  const t = useText(text)
  const navigate = useNavigate()
  const may = useMay()
  const [language] = usePreference('language')
  const pages = ROOMS.flatMap((room) =>
    room.places
      .filter(({ needs }) => needs === undefined || may(needs))
      .map(({ path, words, icon }) => ({
        key: path,
        label: t(words),
        room: room.words ? t(room.words) : '',
        icon,
        run: () => void navigate(path),
      })),
  )
  const themes = (['light', 'dark', 'system'] as const).map((theme) => ({
    key: theme,
    label: `${t('theme')}: ${t(`theme.${theme}`)}`,
    room: t('jump.actions'),
    icon: <BulbOutlined aria-hidden />,
    run: () => setPreference('theme', theme),
  }))
  const speak: Command = {
    key: 'language',
    label: language === 'zh' ? 'English' : '中文',
    room: t('jump.actions'),
    icon: <TranslationOutlined aria-hidden />,
    run: () => setPreference('language', language === 'zh' ? 'en' : 'zh'),
  }
  return [...pages, speak, ...themes]
}

/** Every word typed must be in the label, the room or the address (English names work in zh too). */
function matches(command: Command, typed: string): boolean {
  const text = `${command.label} ${command.room} ${command.key}`.toLowerCase()
  return typed
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}
