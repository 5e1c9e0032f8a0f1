import { Button } from 'antd'
import { Link } from 'react-router'
import { defineText, useText } from '@/base/text'
import { EmptyState } from '@/ui/EmptyState'
import { Page, Panel } from '@/ui/Page'

const text = defineText(
  'missing',
  {
    title: 'Page not found',
    hint: 'Nothing lives at this address. It may have been deleted, or the link is mistyped.',
    home: 'Go to the overview',
  },
  {
    title: '页面不存在',
    hint: '此地址没有内容，可能已被删除，或链接有误。',
    home: '返回概览',
  },
)

export function MissingPage() {
  const t = useText(text)
  return (
    <Page title={t('title')}>
      <Panel>
        <EmptyState
          title={t('title')}
          hint={t('hint')}
          action={
            <Link to="/">
              <Button type="primary">{t('home')}</Button>
            </Link>
          }
        />
      </Panel>
    </Page>
  )
}
