import { Form, Input, Switch, type FormRule as Rule } from 'antd'
import { useText } from '@/base/text'
import { JsonEditor, parseJson } from '@/ui/JsonEditor'
import { KeyValueEditor } from '@/ui/KeyValueEditor'
import { text } from '../text'
import { AddressField } from './AddressField'
import { DataFormatHelp, HyperparameterHelp, ModeHelp } from './Help'
import { MountsField } from './MountsField'
import { RunFields } from './RunFields'
import { formText } from './text'
import { isJsonObject, mountProblem, type MountProblem, type MountRow, type Values } from './values'

/** What it reads, what it runs, with what values, and where its results go. */
export function ConfigurationStep() {
  const t = useText(text)
  const f = useText(formText)
  const form = Form.useFormInstance<Values>()
  const mode = (Form.useWatch('mode', { form, preserve: true }) as string | undefined) ?? 'single'
  const isTemplate = Boolean(Form.useWatch<string | undefined>('template'))
  return (
    <>
      <Form.Item<Values>
        name="mounts"
        label={t('mounts')}
        extra={isTemplate ? <DataFormatHelp /> : f('mountsHint')}
        validateTrigger={['onChange', 'onSubmit']}
        rules={useMountRules()}
      >
        <MountsField />
      </Form.Item>
      <Form.Item<Values>
        name="command"
        label={t('command')}
        extra={
          <>
            {f(mode === 'horovod' || mode === 'ray' ? 'commandHint.first' : 'commandHint')}{' '}
            <ModeHelp mode={mode} />
          </>
        }
        rules={[{ required: mode !== 'ps', whitespace: true, message: f('commandNeeded') }]}
      >
        <Input.TextArea
          className="sw-mono training-command"
          autoSize={{ minRows: 4, maxRows: 18 }}
          spellCheck={false}
          placeholder={'python train.py --data "$ML_DATA_DIR"'}
        />
      </Form.Item>
      <Form.Item<Values>
        name="hyperparameters"
        label={t('hyperparameters')}
        extra={isTemplate ? <HyperparameterHelp /> : f('hyperparametersHint')}
        rules={[{ validator: useJsonRule() }]}
      >
        <JsonEditor rows={isTemplate ? 12 : 5} check={useObjectCheck()} />
      </Form.Item>
      <Form.Item<Values> name="env" label={t('env')} extra={f('envHint')}>
        <KeyValueEditor keyPlaceholder="NAME" />
      </Form.Item>
      <Form.Item<Values> name="output" label={t('output')} extra={f('outputHint')}>
        <AddressField placeholder={f('outputPlaceholder')} />
      </Form.Item>
      <Form.Item<Values>
        name="deliver_logs"
        valuePropName="checked"
        label={f('deliverLogs')}
        extra={f('deliverLogsHint')}
      >
        <Switch />
      </Form.Item>
      <RunFields />
    </>
  )
}

/** A row just added has no source yet: that is told when one goes on, what clashes at once. */
function useMountRules(): Rule[] {
  const f = useText(formText)
  const check = (kinds: readonly MountProblem['kind'][]) => (_: unknown, mounts: MountRow[]) => {
    const problem = mountProblem(mounts)
    if (problem === null || !kinds.includes(problem.kind)) return Promise.resolve()
    const target = problem.kind === 'doubled' ? problem.target : ''
    const words = f(`mount.problem.${problem.kind}`, { row: problem.row, target })
    return Promise.reject(new Error(words))
  }
  return [
    { validateTrigger: 'onChange', validator: check(['target', 'doubled']) },
    { validateTrigger: 'onSubmit', validator: check(['source']) },
  ]
}

function useObjectCheck(): (parsed: unknown) => string | null {
  const f = useText(formText)
  return (parsed) => (isJsonObject(parsed) ? null : f('notObject'))
}

/** The editor shows the reason itself; this only keeps a wrong text from being sent. */
function useJsonRule() {
  const f = useText(formText)
  return (_: unknown, written: string): Promise<void> => {
    const { parsed, problem } = parseJson(written)
    const good = problem === null && (parsed === undefined || isJsonObject(parsed))
    return good ? Promise.resolve() : Promise.reject(new Error(f('notObject')))
  }
}
