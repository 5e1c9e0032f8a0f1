import { PlusOutlined, SearchOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Button, Checkbox, Drawer, Form, Input, Select, Tag } from 'antd'
import { useDeferredValue, useState } from 'react'
import { projectBase, currentProject } from '@/api/project'
import { useApiMutation } from '@/api/queries'
import { useText } from '@/base/text'
import { Actions } from '@/ui/actions'
import { CopyButton } from '@/ui/CopyButton'
import { EmptyState } from '@/ui/EmptyState'
import { FormDialog } from '@/ui/FormDialog'
import { useNotify } from '@/ui/notify'
import { TimeText } from '@/ui/TimeText'
import { contentOf } from './preset'
import {
  createPreset,
  deletePreset,
  editPreset,
  onePreset,
  presetList,
  PRESETS,
  savePresetVersion,
  type Preset,
} from './queries'
import { text } from './text'
import type { Conversation } from './types'

interface Props {
  open: boolean
  conversation: Conversation
  onLoad: (preset: string, version: number) => void
  onClose: () => void
}

/** Prompts under a name: persona, parameters and messages, with versions and a link to share. */
export function PresetsDrawer({ open, conversation, onLoad, onClose }: Props) {
  const t = useText(text)
  const [search, setSearch] = useState('')
  const [saving, setSaving] = useState(false)
  const wanted = useDeferredValue(search)
  const { data } = useQuery({ ...presetList(wanted.trim()), enabled: open })
  return (
    <Drawer
      open={open}
      onClose={onClose}
      title={t('presets')}
      size={640}
      destroyOnHidden
      extra={
        <Button type="primary" icon={<PlusOutlined aria-hidden />} onClick={() => setSaving(true)}>
          {t('preset.save')}
        </Button>
      }
    >
      <div className="sw-stack">
        <Input
          type="search"
          allowClear
          prefix={<SearchOutlined aria-hidden />}
          aria-label={t('preset.search')}
          placeholder={t('preset.search')}
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
        {data?.items.length === 0 ? (
          <EmptyState
            title={t(wanted === '' ? 'preset.none' : 'history.nothing')}
            hint={wanted === '' ? t('preset.noneHint') : undefined}
          />
        ) : (
          <ul className="playground-presets">
            {data?.items.map((one) => (
              <PresetEntry
                key={one.id}
                preset={one}
                conversation={conversation}
                onLoad={(version) => onLoad(one.id, version)}
              />
            ))}
          </ul>
        )}
      </div>
      <SaveDialog open={saving} conversation={conversation} onClose={() => setSaving(false)} />
    </Drawer>
  )
}

interface SaveValues {
  name: string
  description: string
  shared: boolean
}

function SaveDialog({
  open,
  conversation,
  onClose,
}: Pick<Props, 'open' | 'conversation' | 'onClose'>) {
  const t = useText(text)
  const create = useApiMutation(createPreset, [PRESETS])
  return (
    <FormDialog<SaveValues>
      open={open}
      title={t('preset.save')}
      submitLabel={t('save')}
      initialValues={{ name: '', description: '', shared: false }}
      onSubmit={(values) =>
        create.mutateAsync({
          ...values,
          kind: conversation.kind,
          content: contentOf(conversation),
          note: '',
        })
      }
      onClose={onClose}
    >
      {() => (
        <>
          <p className="sw-faint">{t('preset.what')}</p>
          <Form.Item<SaveValues> name="name" label={t('name')} rules={[{ required: true }]}>
            <Input autoFocus maxLength={60} />
          </Form.Item>
          <Form.Item<SaveValues> name="description" label={t('description')}>
            <Input.TextArea rows={2} maxLength={500} />
          </Form.Item>
          <Form.Item<SaveValues> name="shared" valuePropName="checked">
            <Checkbox>{t('preset.share.hint')}</Checkbox>
          </Form.Item>
        </>
      )}
    </FormDialog>
  )
}

interface EntryProps {
  preset: Preset
  conversation: Conversation
  onLoad: (version: number) => void
}

function PresetEntry({ preset, conversation, onLoad }: EntryProps) {
  const t = useText(text)
  const notify = useNotify()
  const { id, name, description, kind, latest, mine, owner, shared, updated_at } = preset
  const [version, setVersion] = useState<number | null>(null)
  const [opened, setOpened] = useState(false)
  const { data } = useQuery({ ...onePreset(id), enabled: opened })
  const save = useApiMutation(savePresetVersion, [PRESETS])
  const edit = useApiMutation(editPreset, [PRESETS])
  const remove = useApiMutation(deletePreset, [PRESETS])
  const chosen = version ?? latest
  const place = projectBase(currentProject() ?? '')
  const address = `${window.location.origin}${place}/playground?preset=${id}&version=${chosen}`
  return (
    <li>
      <div className="playground-preset-head">
        <strong>{name}</strong>
        <Tag>{t(`kind.${kind}.short`)}</Tag>
        {shared ? <Tag color="blue">{t('preset.shared')}</Tag> : null}
      </div>
      {description === '' ? null : <p>{description}</p>}
      <small className="sw-faint">
        {mine ? null : `${owner} · `}
        <TimeText value={updated_at} />
      </small>
      <div className="sw-row">
        <Select<number>
          size="small"
          aria-label={t('preset.version', { name })}
          value={chosen}
          onChange={setVersion}
          onOpenChange={(open) => open && setOpened(true)}
          options={(data?.versions ?? [{ number: chosen, note: '' }]).map(({ number, note }) => ({
            value: number,
            label: note === '' ? `v${number}` : `v${number} · ${note}`,
          }))}
        />
        <Button size="small" type="primary" ghost onClick={() => onLoad(chosen)}>
          {t('preset.load')}
        </Button>
        {shared ? <CopyButton value={address} label={t('preset.link')} /> : null}
        {mine ? (
          <Actions
            link
            of={name}
            actions={[
              {
                key: 'version',
                label: t('preset.saveVersion'),
                blocked: conversation.kind === kind ? null : t('preset.otherKind'),
                run: () =>
                  save.mutateAsync({ id, content: contentOf(conversation), note: '' }).then(() => {
                    setVersion(null)
                    notify.success(t('preset.saved', { name }))
                  }),
              },
              {
                key: 'share',
                label: t(shared ? 'preset.unshare' : 'preset.share'),
                run: () => edit.mutateAsync({ id, shared: !shared }),
              },
              {
                key: 'delete',
                label: t('history.delete'),
                danger: true,
                confirm: {
                  title: t('history.delete.title', { name }),
                  message: t('preset.delete.message'),
                  action: t('history.delete'),
                  danger: true,
                },
                run: () => remove.mutateAsync(id),
              },
            ]}
          />
        ) : null}
      </div>
    </li>
  )
}
