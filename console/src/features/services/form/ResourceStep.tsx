import { Form, InputNumber, Select, type FormInstance } from 'antd'
import { useText } from '@/base/text'
import { FreeCards } from '@/features/resources/FreeCards'
import { AmountFields } from '@/features/resources/AmountFields'
import { GroupField } from '@/features/resources/GroupField'
import { ModeFields } from './ModeFields'
import { ScalingFields } from '../scaling/ScalingFields'
import { text } from './text'
import { USUAL, type Values } from './values'

const PLACEMENTS = ['binpack', 'spread'] as const

/** How much one instance gets, and how many there are. */
export function ResourceStep(props: { form: FormInstance<Values>; ofService: boolean }) {
  const { form, ofService } = props
  const t = useText(text)
  const gpus = Form.useWatch('gpus', { form, preserve: true }) as number | undefined
  const runtime = Form.useWatch('runtime', { form, preserve: true }) as string | undefined
  const mode = Form.useWatch('mode', { form, preserve: true }) as string | undefined
  const group = Form.useWatch('resource_group', { form, preserve: true }) as string | undefined
  return (
    <>
      {ofService ? <GroupField /> : null}
      <ModeFields form={form} fixed={!ofService} />
      {group ? <FreeCards groupId={group} /> : null}
      {mode === 'ROLE_SET' ? null : (
        <div className="services-pair">
          <AmountFields groupId={group} each usual={USUAL} />
        </div>
      )}
      <ScalingFields llm={runtime === 'llm'} />
      <div className="services-pair">
        <Form.Item name="priority" label={t('priority')} extra={t('priority.hint')}>
          <InputNumber<number> min={0} max={9} precision={0} placeholder={t('priority.policy')} />
        </Form.Item>
        {(gpus ?? 0) > 0 ? (
          <Form.Item name="placement" label={t('placement')} required>
            <Select
              options={PLACEMENTS.map((value) => ({ value, label: t(`placement.${value}`) }))}
            />
          </Form.Item>
        ) : null}
      </div>
    </>
  )
}
