import { DownloadOutlined, FireOutlined } from '@ant-design/icons'
import { Alert, Button, Drawer, Empty, InputNumber, Segmented, Space, Switch } from 'antd'
import { useMemo, useState } from 'react'
import { useApiMutation } from '@/api/queries'
import { problemWords } from '@/base/problem'
import { useText } from '@/base/text'
import { profileInstance, type ProcessProfile } from '../queries'
import { FlameGraph } from './FlameGraph'
import { flameOf, type Speedscope } from './flame'
import { profileText } from './text'

export interface ProfileTarget {
  task: string
  instance: string
  name: string
}

interface Props {
  of: ProfileTarget | null
  onClose: () => void
}

/** Where a running instance spends its time, looked at from outside while it goes on. */
export function ProfileDrawer({ of, onClose }: Props) {
  const t = useText(profileText)
  return (
    <Drawer
      open={of !== null}
      onClose={onClose}
      size="80%"
      destroyOnHidden
      title={t('title', { name: of?.name ?? '' })}
    >
      {of === null ? null : <Look key={of.instance} of={of} />}
    </Drawer>
  )
}

function Look({ of }: { of: ProfileTarget }) {
  const t = useText(profileText)
  const [seconds, setSeconds] = useState(10)
  const [idle, setIdle] = useState(false)
  const look = useApiMutation(profileInstance, [])
  const problem = look.error === null ? null : problemWords(look.error)
  return (
    <div className="sw-stack">
      <p className="sw-soft">{t('lead')}</p>
      <Space wrap size="middle">
        <InputNumber
          aria-label={t('seconds')}
          min={1}
          max={60}
          precision={0}
          suffix={t('s')}
          value={seconds}
          onChange={(value) => setSeconds(value ?? 10)}
        />
        <span className="training-look-field">
          <Switch size="small" aria-label={t('idle')} checked={idle} onChange={setIdle} />
          <span>{t('idle')}</span>
        </span>
        <Button
          type="primary"
          icon={<FireOutlined aria-hidden />}
          loading={look.isPending}
          onClick={() => look.mutate({ task: of.task, instance: of.instance, seconds, idle })}
        >
          {look.isPending ? t('looking', { seconds }) : t('take')}
        </Button>
      </Space>
      {problem === null ? null : (
        <Alert type="error" showIcon title={problem.title} description={problem.message} />
      )}
      {look.data === undefined ? null : (
        <Found key={look.submittedAt} name={of.name} processes={look.data.processes} />
      )}
    </div>
  )
}

function Found({ name, processes }: { name: string; processes: readonly ProcessProfile[] }) {
  const t = useText(profileText)
  const [pid, setPid] = useState(processes[0]?.pid)
  const one = processes.find((process) => process.pid === pid)
  const root = useMemo(
    () => (one === undefined ? null : flameOf(one.speedscope as unknown as Speedscope)),
    [one],
  )
  if (one === undefined || root === null) return <Empty description={t('none')} />
  return (
    <div className="sw-stack">
      <Space wrap>
        {processes.length > 1 ? (
          <Segmented
            value={pid}
            options={processes.map((process) => ({
              value: process.pid,
              label: t('process', { pid: process.pid }),
              title: process.command,
            }))}
            onChange={setPid}
          />
        ) : null}
        <Button
          icon={<DownloadOutlined aria-hidden />}
          onClick={() => save(`${name}-${one.pid}.speedscope.json`, one.speedscope)}
        >
          {t('download')}
        </Button>
      </Space>
      <code className="sw-soft">{one.command}</code>
      {root.value === 0 ? <Empty description={t('none')} /> : <FlameGraph root={root} />}
    </div>
  )
}

function save(name: string, content: unknown): void {
  const address = URL.createObjectURL(
    new Blob([JSON.stringify(content)], { type: 'application/json' }),
  )
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  URL.revokeObjectURL(address)
}
