import { BulbOutlined, SearchOutlined, TranslationOutlined, UserOutlined } from '@ant-design/icons'
import { Button, Dropdown, Tooltip, type MenuProps } from 'antd'
import { useState } from 'react'
import { useMe, useSignOut } from '@/api/session'
import { usePreference } from '@/base/preferences'
import { useText } from '@/base/text'
import { Bell } from '@/features/inbox/Bell'
import { useNotify } from '@/ui/notify'
import { PasswordDialog } from './PasswordDialog'
import { text } from './text'

export function Topbar({ onJump }: { onJump: () => void }) {
  const t = useText(text)
  return (
    <header className="sw-topbar">
      <button type="button" className="sw-jump" onClick={onJump}>
        <SearchOutlined aria-hidden />
        <span>{t('jump')}</span>
        <kbd>Ctrl K</kbd>
      </button>
      <div className="sw-topbar-right">
        <Bell />
        <LanguageSwitch />
        <ThemeSwitch />
        <AccountMenu />
      </div>
    </header>
  )
}

export function LanguageSwitch() {
  const t = useText(text)
  const [language, setLanguage] = usePreference('language')
  return (
    <Tooltip title={t('language')}>
      <Button
        type="text"
        icon={<TranslationOutlined aria-hidden />}
        aria-label={t('language')}
        onClick={() => setLanguage(language === 'zh' ? 'en' : 'zh')}
      >
        {language === 'zh' ? 'English' : '中文'}
      </Button>
    </Tooltip>
  )
}

export function ThemeSwitch() {
  const t = useText(text)
  const [theme, setTheme] = usePreference('theme')
  const items = (['system', 'light', 'dark'] as const).map((key) => ({
    key,
    label: t(`theme.${key}`),
    onClick: () => setTheme(key),
  }))
  return (
    <Dropdown menu={{ items, selectable: true, selectedKeys: [theme] }} trigger={['click']}>
      <Button
        type="text"
        icon={<BulbOutlined aria-hidden />}
        aria-label={t('theme')}
        title={t('theme')}
      />
    </Dropdown>
  )
}

function AccountMenu() {
  const t = useText(text)
  const { user } = useMe()
  const [zone, setZone] = usePreference('timeZone')
  const signOut = useSignOut()
  const notify = useNotify()
  const [changing, setChanging] = useState(false)
  const name = user.display_name || user.name
  const items: MenuProps['items'] = [
    { key: 'who', label: <span className="sw-faint">{user.name}</span>, disabled: true },
    { type: 'divider' },
    {
      key: 'zone',
      type: 'group',
      label: t('timeZone'),
      children: (['local', 'utc'] as const).map((key) => ({
        key,
        label: t(`timeZone.${key}`),
        onClick: () => setZone(key),
      })),
    },
    { type: 'divider' },
    { key: 'password', label: t('changePassword'), onClick: () => setChanging(true) },
    { key: 'out', label: t('signOut'), onClick: () => void signOut().catch(notify.problem) },
  ]
  return (
    <>
      <Dropdown menu={{ items, selectable: true, selectedKeys: [zone] }} trigger={['click']}>
        <Button
          type="text"
          icon={<UserOutlined aria-hidden />}
          aria-label={`${t('account')}: ${name}`}
        >
          {name}
        </Button>
      </Dropdown>
      <PasswordDialog open={changing} onClose={() => setChanging(false)} />
    </>
  )
}
