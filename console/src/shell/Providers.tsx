import { QueryClientProvider, type QueryClient } from '@tanstack/react-query'
import { ConfigProvider } from 'antd'
import enUS from 'antd/locale/en_US'
import zhCN from 'antd/locale/zh_CN'
import type { ReactNode } from 'react'
import { usePreference } from '@/base/preferences'
import { ConfirmProvider } from '@/ui/Confirm'
import { useMode } from '@/ui/palette'
import { antdThemeOf } from '@/ui/theme'

export function Providers({ client, children }: { client: QueryClient; children: ReactNode }) {
  const [language] = usePreference('language')
  const mode = useMode()
  return (
    <QueryClientProvider client={client}>
      <ConfigProvider
        theme={antdThemeOf(mode)}
        locale={language === 'zh' ? zhCN : enUS}
        button={{ autoInsertSpace: false }}
      >
        <ConfirmProvider>{children}</ConfirmProvider>
      </ConfigProvider>
    </QueryClientProvider>
  )
}
