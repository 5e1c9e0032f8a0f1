import { Drawer, Switch, Tabs } from 'antd'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useText } from '@/base/text'
import { useNotify } from '@/ui/notify'
import { ConversationsTab } from './ConversationsTab'
import { GoodTab } from './GoodTab'
import { QualityTab } from './QualityTab'
import { historySwitch, switchHistory } from './queries'
import { text } from './text'

interface Props {
  open: boolean
  /** The conversation that stands on the page. */
  current: string | null
  onOpen: (id: string) => void
  onGone: (id: string | null) => void
  onClose: () => void
}

/** What was said before, which answers were good, and how often (PLY-14..16, X4). */
export function HistoryDrawer({ open, current, onOpen, onGone, onClose }: Props) {
  const t = useText(text)
  return (
    <Drawer
      open={open}
      onClose={onClose}
      title={t('history.title')}
      size={640}
      destroyOnHidden
      extra={<KeepSwitch />}
      classNames={{ body: 'playground-history' }}
    >
      <Tabs
        items={[
          {
            key: 'conversations',
            label: t('history.conversations'),
            children: <ConversationsTab current={current} onOpen={onOpen} onGone={onGone} />,
          },
          { key: 'good', label: t('history.good'), children: <GoodTab /> },
          { key: 'quality', label: t('history.quality'), children: <QualityTab /> },
        ]}
      />
    </Drawer>
  )
}

/** The one place where what is said to a model is kept: said openly, with a switch beside it. */
function KeepSwitch() {
  const t = useText(text)
  const client = useQueryClient()
  const notify = useNotify()
  const { data } = useQuery(historySwitch)
  if (data === undefined) return null
  const change = async (keeps: boolean) => {
    try {
      client.setQueryData(historySwitch.queryKey, await switchHistory(keeps))
    } catch (error) {
      notify.problem(error)
    }
  }
  return (
    <label className="sw-row">
      {t('history.keep')}
      <Switch size="small" checked={data.keeps} onChange={(keeps) => void change(keeps)} />
    </label>
  )
}
