import { DeleteOutlined, PlusOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Button, Checkbox, Form, Select } from 'antd'
import { currentProject } from '@/api/project'
import { usePreference } from '@/base/preferences'
import { useText } from '@/base/text'
import { memberList } from '@/features/accounts/queries'
import type { Draft } from './draft'
import { taskChoices, type EventService } from './queries'
import { text } from './text'

interface Props {
  draft: Draft
  services: readonly EventService[]
  onChange: (part: Partial<Draft>) => void
}

/** Form mode: whose events, which, of what, by whom, with which tags. */
export function ConditionFields({ draft, services, onChange }: Props) {
  const t = useText(text)
  const [language] = usePreference('language')
  const service = services.find(({ key }) => key === draft.service)
  return (
    <>
      <Form.Item label={t('service')} htmlFor="rule-service">
        <Select
          id="rule-service"
          value={draft.service}
          onChange={(key: string) => onChange({ service: key, types: [], subjects: [] })}
          options={services.map((one) => ({ value: one.key, label: one[language] }))}
        />
      </Form.Item>
      <Form.Item label={t('form.events')} extra={t('form.events.hint')}>
        <Checkbox.Group
          className="alerts-events"
          value={draft.types}
          onChange={(types) => onChange({ types })}
          options={(service?.events ?? []).map((kind) => ({
            value: kind.name,
            label: kind[language],
            title: kind.type,
          }))}
        />
      </Form.Item>
      <Subjects draft={draft} onChange={onChange} />
      <Creator draft={draft} onChange={onChange} />
      <TagRows rows={draft.tags} onChange={(tags) => onChange({ tags })} />
    </>
  )
}

type FieldProps = Omit<Props, 'services'>

function Subjects({ draft, onChange }: FieldProps) {
  const t = useText(text)
  const training = draft.service === 'training'
  const { data } = useQuery({ ...taskChoices(), enabled: training })
  const options = training ? (data?.items ?? []) : []
  return (
    <Form.Item label={t('form.subjects')} htmlFor="rule-subjects" extra={t('form.subjects.hint')}>
      <Select
        id="rule-subjects"
        mode="tags"
        showSearch={{ optionFilterProp: 'label' }}
        value={draft.subjects}
        onChange={(subjects: string[]) => onChange({ subjects })}
        options={options.map(({ id, name }) => ({ value: id, label: `${name} (${id})` }))}
      />
    </Form.Item>
  )
}

function Creator({ draft, onChange }: FieldProps) {
  const t = useText(text)
  const project = currentProject()
  const { data } = useQuery({ ...memberList(project ?? ''), enabled: project !== null })
  const members = (data?.items ?? []).map(({ user_id, user_name, display_name }) => ({
    value: user_id,
    label:
      display_name && display_name !== user_name ? `${display_name} (${user_name})` : user_name,
  }))
  const known = draft.creator === '' || members.some(({ value }) => value === draft.creator)
  const others = known ? [] : [{ value: draft.creator, label: draft.creator }]
  return (
    <Form.Item label={t('form.creator')} htmlFor="rule-creator">
      <Select
        id="rule-creator"
        allowClear
        showSearch={{ optionFilterProp: 'label' }}
        placeholder={t('form.creator.any')}
        value={draft.creator === '' ? undefined : draft.creator}
        onChange={(creator: string | undefined) => onChange({ creator: creator ?? '' })}
        options={[...members, ...others]}
      />
    </Form.Item>
  )
}

interface TagRowsProps {
  rows: readonly string[][]
  onChange: (rows: string[][]) => void
}

function TagRows({ rows, onChange }: TagRowsProps) {
  const t = useText(text)
  const put = (index: number, tags: string[]) =>
    onChange(rows.map((row, at) => (at === index ? tags : row)))
  return (
    <Form.Item label={t('form.tags')} extra={t('form.tags.hint')}>
      <div className="alerts-tag-rows">
        {rows.map((row, index) => (
          // Rows have no identity of their own; their place is it.
          <div key={index} className="alerts-tag-row">
            {index > 0 ? <span className="sw-faint">{t('form.tags.or')}</span> : null}
            <Select
              mode="tags"
              open={false}
              suffix={null}
              aria-label={`${t('form.tags')} ${index + 1}`}
              placeholder="team:vision"
              tokenSeparators={[',', ';', ' ']}
              value={row}
              onChange={(tags: string[]) => put(index, tags)}
            />
            <Button
              type="text"
              icon={<DeleteOutlined aria-hidden />}
              aria-label={t('form.tags.remove')}
              onClick={() => onChange(rows.filter((_, at) => at !== index))}
            />
          </div>
        ))}
        <Button
          type="dashed"
          size="small"
          icon={<PlusOutlined aria-hidden />}
          onClick={() => onChange([...rows, []])}
        >
          {t('form.tags.add')}
        </Button>
      </div>
    </Form.Item>
  )
}
