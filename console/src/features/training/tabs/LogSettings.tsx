import { useQuery } from '@tanstack/react-query'
import { Alert, Switch, Tooltip } from 'antd'
import { useApiMutation } from '@/api/queries'
import { useMay } from '@/api/session'
import { formatBytes } from '@/base/format'
import { useSentence } from '@/base/sentences'
import { useText } from '@/base/text'
import { useNotify } from '@/ui/notify'
import { isActive, logSettings, setDelivery, type LogSettings, type TaskDetail } from '../queries'
import { telemetryText } from '../telemetryText'
import { text } from '../text'

/** How long the log is kept here, and whether it also goes to the project's log store. */
export function LogSettingsBar({ task }: { task: TaskDetail }) {
  const t = useText(telemetryText)
  const say = useSentence()
  const { data } = useQuery(logSettings(task.id, isActive(task)))
  if (data === undefined) return null
  return (
    <>
      <div className="training-log-foot">
        <span className="sw-faint">{t('log.kept', { count: data.retention_days })}</span>
        <DeliverySwitch id={task.id} settings={data} />
      </div>
      {data.error === '' ? null : (
        <Alert type="warning" showIcon title={t('log.failed', { reason: say(data.error) })} />
      )}
    </>
  )
}

function DeliverySwitch({ id, settings }: { id: string; settings: LogSettings }) {
  const t = useText(telemetryText)
  const words = useText(text)
  const notify = useNotify()
  const say = useSentence()
  const may = useMay()('train:task:update')
  const save = useApiMutation(setDelivery, ['task'])
  const blocked = may ? (settings.deliver ? null : settings.blocked) : words('mayNot')
  const change = async (deliver: boolean) => {
    try {
      await save.mutateAsync({ id, deliver })
      notify.success(t(deliver ? 'log.on' : 'log.off'))
    } catch (error) {
      notify.problem(error)
    }
  }
  return (
    <span className="training-log-delivery">
      {settings.deliver ? (
        <span className="sw-faint sw-num">
          {t('log.delivered', { size: formatBytes(settings.delivered_bytes) })}
          {settings.waiting_bytes > 0
            ? ` · ${t('log.waiting', { size: formatBytes(settings.waiting_bytes) })}`
            : null}
        </span>
      ) : null}
      <Tooltip title={blocked === null ? null : say(blocked)}>
        {/* A disabled switch hears no pointer; the reason belongs to what is around it. */}
        <span>
          <Switch
            size="small"
            aria-label={t('log.deliver')}
            checked={settings.deliver}
            disabled={blocked !== null}
            loading={save.isPending}
            onChange={(on) => void change(on)}
          />
        </span>
      </Tooltip>
      <span>{t('log.deliver')}</span>
    </span>
  )
}
