import { Form, Input, InputNumber, Radio, Select } from 'antd'
import { useText } from '@/base/text'
import type { Audit } from './queries'
import { text } from './text'

/** The audit as a form holds it: words as lines, the hook as two fields. */
export interface AuditValues {
  mode: Audit['mode']
  words: string
  hook: string
  secret: string
  plugin: string
  on_failure: Audit['on_failure']
  window_chars: number
  message: string
}

export function auditValues(audit: Audit | null | undefined): AuditValues {
  return {
    mode: audit?.mode ?? 'off',
    words: (audit?.words ?? []).join('\n'),
    hook: audit?.hook?.url ?? '',
    secret: '',
    plugin: audit?.plugin ?? '',
    on_failure: audit?.on_failure ?? 'refuse',
    window_chars: audit?.window_chars ?? 200,
    message: audit?.message ?? '',
  }
}

/** before: what is set now; the hook's time limit stays as it is there. */
export function auditOf(values: AuditValues, before: Audit | null | undefined): Audit {
  const url = values.hook.trim()
  const secret = values.secret === '' ? null : values.secret
  return {
    mode: values.mode,
    words: values.words
      .split('\n')
      .map((word) => word.trim())
      .filter((word) => word !== ''),
    hook: url === '' ? null : { url, secret, timeout_s: before?.hook?.timeout_s ?? 2 },
    plugin: values.plugin.trim(),
    on_failure: values.on_failure,
    window_chars: values.window_chars,
    message: values.message,
  }
}

/** Fields below `audit` of the form around them. */
export function AuditFields() {
  const t = useText(text)
  const mode = (['off', 'question', 'both'] as const).map((value) => ({
    value,
    label: t(`audit.mode.${value}`),
  }))
  const failure = (['refuse', 'pass'] as const).map((value) => ({
    value,
    label: t(`audit.failure.${value}`),
  }))
  return (
    <>
      <Form.Item name={['audit', 'mode']} label={t('audit.mode')}>
        <Radio.Group options={mode} optionType="button" />
      </Form.Item>
      <Form.Item name={['audit', 'words']} label={t('audit.words')} extra={t('audit.wordsHint')}>
        <Input.TextArea autoSize={{ minRows: 2, maxRows: 10 }} />
      </Form.Item>
      <div className="services-pair">
        <Form.Item name={['audit', 'hook']} label={t('audit.hook')} extra={t('audit.hookHint')}>
          <Input autoComplete="off" maxLength={500} />
        </Form.Item>
        <Form.Item
          name={['audit', 'secret']}
          label={t('audit.secret')}
          extra={t('audit.secretHint')}
        >
          <Input.Password autoComplete="new-password" />
        </Form.Item>
        <Form.Item
          name={['audit', 'plugin']}
          label={t('audit.plugin')}
          extra={t('audit.pluginHint')}
        >
          <Input autoComplete="off" maxLength={60} />
        </Form.Item>
        <Form.Item name={['audit', 'on_failure']} label={t('audit.failure')}>
          <Select options={failure} />
        </Form.Item>
        <Form.Item name={['audit', 'window_chars']} label={t('audit.window')}>
          <InputNumber<number> min={20} max={20000} precision={0} style={{ width: '100%' }} />
        </Form.Item>
        <Form.Item name={['audit', 'message']} label={t('audit.message')}>
          <Input maxLength={500} />
        </Form.Item>
      </div>
    </>
  )
}
