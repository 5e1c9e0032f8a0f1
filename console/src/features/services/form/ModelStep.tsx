import { useQuery } from '@tanstack/react-query'
import { Form, Input, InputNumber, Radio, Select, Switch, type FormInstance } from 'antd'
import { Link } from 'react-router'
import { usePreference } from '@/base/preferences'
import { useSentence } from '@/base/sentences'
import { useText } from '@/base/text'
import { KeyValueEditor } from '@/ui/KeyValueEditor'
import { stateLabel } from '@/ui/states'
import { EnvironmentSelect } from '../../environments/EnvironmentSelect'
import { servingEnvironments } from '../../environments/queries'
import { engineList, type Runtime, type Source } from '../queries'
import { SourceField } from './SourceField'
import { text } from './text'
import type { Values } from './values'

const [HTTP_PORT, GRPC_PORT] = [8501, 8500]
const RUNTIMES: Runtime[] = ['llm', 'package', 'custom']
const NAME = /^[A-Za-z0-9\u3400-\u4dbf\u4e00-\u9fff][A-Za-z0-9_\-\u3400-\u4dbf\u4e00-\u9fff]*$/

interface Props {
  form: FormInstance<Values>
  /** A version has no name of its own, and its kind is that of the service. */
  ofService: boolean
  fixedRuntime?: boolean
}

/** Who it is, what kind, and which model. */
export function ModelStep({ form, ofService, fixedRuntime = false }: Props) {
  const t = useText(text)
  const runtime = Form.useWatch('runtime', { form, preserve: true }) as Runtime | undefined
  const mode = Form.useWatch('mode', { form, preserve: true }) as string | undefined
  const needsCommand = runtime === 'custom' && mode !== 'ROLE_SET'
  return (
    <>
      {ofService ? (
        <Form.Item
          name="name"
          label={t('name')}
          extra={t('name.rule')}
          rules={[
            { required: true, message: t('needed') },
            { pattern: NAME, message: t('name.bad') },
          ]}
        >
          <Input autoFocus autoComplete="off" maxLength={60} />
        </Form.Item>
      ) : null}
      <Form.Item name="runtime" label={t('runtime')} required>
        <Radio.Group
          className="sw-choices"
          disabled={fixedRuntime}
          onChange={() => {
            const { runtime: now, model } = form.getFieldsValue(true) as Values
            if (model.ref !== '') return
            const kind = now === 'custom' ? 'none' : 'registry'
            form.setFieldValue('model', { kind, ref: '' })
          }}
        >
          {RUNTIMES.map((value) => (
            <Radio key={value} value={value}>
              <span className="sw-menu-label">
                {t(`runtime.${value}`)}
                <small className="sw-faint">{t(`runtime.${value}.hint`)}</small>
              </span>
            </Radio>
          ))}
        </Radio.Group>
      </Form.Item>
      <ModelField runtime={runtime} />
      {runtime === 'llm' ? <LlmFields form={form} /> : null}
      <Form.Item
        name="command"
        label={t('command')}
        extra={t(runtime === 'custom' ? 'command.customHint' : 'command.hint')}
        required={needsCommand}
        rules={[{ required: needsCommand, message: t('needed') }]}
      >
        <Input.TextArea className="sw-mono" autoSize={{ minRows: 1, maxRows: 8 }} />
      </Form.Item>
      {runtime === undefined ? null : <EnvironmentField runtime={runtime} />}
      {ofService && runtime === 'custom' ? (
        <Form.Item name="grpc" label="gRPC" extra={t('grpc.hint')} valuePropName="checked">
          <Switch
            aria-label="gRPC"
            onChange={(on) => form.setFieldValue('port', on ? GRPC_PORT : HTTP_PORT)}
          />
        </Form.Item>
      ) : null}
      <Form.Item name="env" label={t('env')}>
        <KeyValueEditor />
      </Form.Item>
      <Form.Item name="description" label={t('description')}>
        <Input.TextArea maxLength={500} showCount autoSize={{ minRows: 2, maxRows: 6 }} />
      </Form.Item>
      {ofService ? (
        <Form.Item name="tags" label={t('tags')}>
          <KeyValueEditor max={50} />
        </Form.Item>
      ) : null}
    </>
  )
}

/**
 * The project's own environments that are for services. Only those on the platform's packages have
 * the programs that serve packages and language models.
 */
function EnvironmentField({ runtime }: { runtime: Runtime }) {
  const t = useText(text)
  const say = useSentence()
  const [language] = usePreference('language')
  const { data, isPending } = useQuery(servingEnvironments())
  return (
    <Form.Item
      name="environment"
      label={t('environment')}
      extra={
        runtime === 'package' ? (
          <>
            {t('environment.packageHint')}{' '}
            <Link to="/environments/new?preset=onnx-cpu">{t('environment.build')}</Link>
          </>
        ) : (
          t(runtime === 'llm' ? 'environment.llmHint' : 'environment.hint')
        )
      }
    >
      <EnvironmentSelect
        loading={isPending}
        options={[
          { value: '', label: t('environment.own'), hint: OWN[runtime], disabled: false },
          ...(data?.items ?? []).map((one) => {
            const lacks = runtime !== 'custom' && !one.on_platform
            const waits = say(one.reason) || stateLabel(one.state, language)
            const hint = one.state === 'ready' ? one.id : waits
            return {
              value: one.id,
              label: `${one.name} v${one.version}`,
              hint: lacks ? t('environment.notOnPlatform') : hint,
              disabled: lacks || one.state !== 'ready',
            }
          }),
        ]}
      />
    </Form.Item>
  )
}

const OWN: Record<Runtime, string> = { package: 'tiinfer', llm: 'llm', custom: 'python' }

/** What answers for a language model, with what each engine needs and why it cannot be chosen. */
function EngineField({ form }: { form: FormInstance<Values> }) {
  const t = useText(text)
  const { data } = useQuery(engineList())
  const environment = Form.useWatch('environment', { form, preserve: true }) as string | undefined
  const own = environment === undefined || environment === ''
  return (
    <Form.Item name="engine" label={t('engine')} extra={t('engine.hint')}>
      <Select
        options={(data?.items ?? []).map(({ name, missing }) => ({
          value: name,
          label: t(`engine.${name}`),
          hint: t(missing !== null && own ? `engine.missing.${name}` : `engine.needs.${name}`),
          disabled: missing !== null && own,
        }))}
        optionRender={({ data: { label, hint } }) => (
          <span className="sw-menu-label">
            {label}
            <small className="sw-faint">{hint}</small>
          </span>
        )}
      />
    </Form.Item>
  )
}

function ModelField({ runtime }: { runtime: Runtime | undefined }) {
  const t = useText(text)
  const kinds: Source['kind'][] =
    runtime === 'custom' ? ['none', 'registry', 'storage'] : ['registry', 'storage']
  return (
    <Form.Item
      name="model"
      label={t('model')}
      required={runtime !== 'custom'}
      rules={[
        {
          validator: (_: unknown, { kind, ref }: Source) =>
            kind === 'none' ? runtime === 'custom' : ref.trim() !== '',
          message: t('source.needed'),
        },
      ].map(asRule)}
    >
      <SourceField kinds={kinds} />
    </Form.Item>
  )
}

function LlmFields({ form }: { form: FormInstance<Values> }) {
  const t = useText(text)
  return (
    <>
      <Form.Item
        name="base"
        label={t('base')}
        extra={t('base.hint')}
        rules={[
          {
            validator: (_: unknown, { kind, ref }: Source) => kind === 'none' || ref.trim() !== '',
            message: t('source.needed'),
          },
        ].map(asRule)}
      >
        <SourceField kinds={['none', 'registry', 'storage']} />
      </Form.Item>
      <EngineField form={form} />
      <div className="services-pair">
        <Form.Item name="served_name" label={t('servedName')} extra={t('servedName.hint')}>
          <Input autoComplete="off" maxLength={200} />
        </Form.Item>
        <Form.Item name="max_model_len" label={t('maxLength')} extra={t('maxLength.hint')}>
          <InputNumber<number> min={16} max={10_000_000} precision={0} />
        </Form.Item>
      </div>
    </>
  )
}

interface Check {
  validator: (rule: unknown, source: Source) => boolean
  message: string
}

function asRule({ validator, message }: Check) {
  return {
    validator: (rule: unknown, source: Source) =>
      validator(rule, source) ? Promise.resolve() : Promise.reject(new Error(message)),
  }
}
