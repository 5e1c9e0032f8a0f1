import { useQuery } from '@tanstack/react-query'
import { Alert, Button, Form, Input, Segmented, Select } from 'antd'
import { useState } from 'react'
import { Link, useNavigate } from 'react-router'
import { useApiMutation } from '@/api/queries'
import { fieldProblems, problemWords } from '@/base/problem'
import { useText } from '@/base/text'
import { useNotify } from '@/ui/notify'
import { Page, Panel } from '@/ui/Page'
import { ConditionFields } from './ConditionFields'
import { conditionOf, draftOf, fieldsOf, type Draft, type Mode } from './draft'
import { PatternField } from './PatternField'
import {
  conditionTest,
  saveRule,
  type EventService,
  type Rule,
  type Target,
  type TestResult,
} from './queries'
import { text } from './text'
import { TryOut } from './TryOut'
import { useSettled } from './useSettled'
import { whenSlow } from '@/ui/busy'

interface Props {
  rule: Rule | null
  services: readonly EventService[]
  targets: readonly Target[]
}

export function RuleForm({ rule, services, targets }: Props) {
  const t = useText(text)
  const [draft, setDraft] = useState(() => draftOf(rule, services))
  const [sample, setSample] = useState<Record<string, unknown> | null>(null)
  const body = useSettled({ ...conditionOf(draft), sample, recent: 20 })
  const { data: result } = useQuery(conditionTest(body))
  const change = (part: Partial<Draft>) => setDraft((now) => ({ ...now, ...part }))
  const save = useSave(rule, draft)
  const service = services.find(({ key }) => key === (result?.service ?? draft.service))
  return (
    <Page
      title={rule === null ? t('rule.new') : rule.name}
      back={{ to: '/alerts', label: t('title') }}
    >
      <div className="alerts-rule">
        <Form layout="vertical" onFinish={() => void save.submit()} requiredMark={false}>
          <Panel>
            {save.problem === null ? null : <SaveProblem error={save.problem} />}
            <Basics draft={draft} targets={targets} onChange={change} problems={save.problems} />
          </Panel>
          <Panel
            title={t('rule.condition')}
            actions={<ModeSwitch draft={draft} result={result} onChange={change} />}
          >
            {draft.mode === 'form' ? (
              <ConditionFields draft={draft} services={services} onChange={change} />
            ) : (
              <PatternField
                value={draft.pattern}
                fault={result?.fault ?? null}
                onChange={(pattern) => change({ pattern })}
              />
            )}
          </Panel>
          <div className="sw-form-buttons">
            <Button type="primary" htmlType="submit" loading={whenSlow(save.busy)}>
              {rule === null ? t('create') : t('save')}
            </Button>
          </div>
        </Form>
        <TryOut service={service} result={result} sample={sample} onSample={setSample} />
      </div>
    </Page>
  )
}

function useSave(rule: Rule | null, draft: Draft) {
  const t = useText(text)
  const navigate = useNavigate()
  const notify = useNotify()
  const [problem, setProblem] = useState<unknown>(null)
  const save = useApiMutation(() => {
    const { name, description, targets } = draft
    const enabled = rule?.enabled ?? true
    return saveRule(rule?.id ?? null, {
      name,
      description,
      targets,
      enabled,
      ...conditionOf(draft),
    })
  }, ['alert_rule', 'alert_target'])
  const submit = async () => {
    setProblem(null)
    try {
      await save.mutateAsync()
      notify.success(t('rule.saved'))
      void navigate('/alerts')
    } catch (error) {
      setProblem(error)
    }
  }
  return { submit, busy: save.isPending, problem, problems: fieldProblems(problem) }
}

function SaveProblem({ error }: { error: unknown }) {
  const { title, message } = problemWords(error)
  return (
    <Alert
      className="sw-form-problem"
      type="error"
      showIcon
      role="alert"
      title={title}
      description={message}
    />
  )
}

interface BasicsProps {
  draft: Draft
  targets: readonly Target[]
  problems: Record<string, string>
  onChange: (part: Partial<Draft>) => void
}

function Basics({ draft, targets, problems, onChange }: BasicsProps) {
  const t = useText(text)
  const status = (field: string) => (problems[field] === undefined ? undefined : 'error')
  const none = targets.length === 0
  return (
    <>
      <Form.Item
        label={t('name')}
        htmlFor="rule-name"
        validateStatus={status('name')}
        help={problems.name}
      >
        <Input
          id="rule-name"
          autoFocus
          maxLength={60}
          value={draft.name}
          onChange={(event) => onChange({ name: event.target.value })}
        />
      </Form.Item>
      <Form.Item label={t('description')} htmlFor="rule-description">
        <Input
          id="rule-description"
          maxLength={500}
          value={draft.description}
          onChange={(event) => onChange({ description: event.target.value })}
        />
      </Form.Item>
      <Form.Item
        label={t('rule.targets')}
        htmlFor="rule-targets"
        validateStatus={status('targets')}
        help={problems.targets}
        extra={
          none ? (
            <>
              {t('rule.noTargets')} <Link to="/alerts/targets">{t('targets')}</Link>
            </>
          ) : (
            t('rule.targets.hint')
          )
        }
      >
        <Select
          id="rule-targets"
          mode="multiple"
          showSearch={{ optionFilterProp: 'label' }}
          value={draft.targets}
          onChange={(value: string[]) => onChange({ targets: value })}
          options={targets.map(({ id, name, kind }) => ({
            value: id,
            label: `${name} (${t(`kind.${kind}`)})`,
          }))}
        />
      </Form.Item>
    </>
  )
}

interface ModeProps {
  draft: Draft
  result: TestResult | undefined
  onChange: (part: Partial<Draft>) => void
}

/** Both ways say the same, so what was written in one is shown in the other. */
function ModeSwitch({ draft, result, onChange }: ModeProps) {
  const t = useText(text)
  const broken = draft.mode === 'pattern' && (result?.form ?? null) === null
  const go = (mode: Mode) => {
    if (mode === 'pattern') onChange({ mode, pattern: result?.pattern ?? draft.pattern })
    else if (result?.form) onChange({ mode, ...fieldsOf(result.form) })
  }
  return (
    <Segmented<Mode>
      value={draft.mode}
      onChange={go}
      options={[
        {
          value: 'form',
          label: t('mode.form'),
          disabled: broken,
          title: broken ? t('mode.blocked') : undefined,
        },
        { value: 'pattern', label: t('mode.pattern') },
      ]}
    />
  )
}
