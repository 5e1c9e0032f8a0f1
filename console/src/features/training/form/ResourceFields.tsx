import { useQuery } from '@tanstack/react-query'
import { Form, InputNumber } from 'antd'
import { useText } from '@/base/text'
import { AmountFields } from '../../resources/AmountFields'
import { GroupField } from '../../resources/GroupField'
import { groupList } from '../../resources/queries'
import { text } from '../text'
import { FlavourField } from './FlavourField'
import { FreeNow } from './FreeNow'
import { RolesField } from './RolesField'
import { formText } from './text'
import { isByRole, USUAL, type Values } from './values'

/** The resource group with what is free in it, and what each instance asks for. */
export function ResourceFields() {
  const t = useText(text)
  const f = useText(formText)
  const { data } = useQuery(groupList())
  const form = Form.useFormInstance<Values>()
  const groupId = Form.useWatch('resource_group', form)
  const mode = Form.useWatch('mode', form)
  const flavour = Form.useWatch('flavour', form)
  const group = data?.items.find(({ id }) => id === groupId)
  const models = group?.cards.map(({ model }) => model) ?? []
  const needed = [{ required: true, message: t('needed') }]
  return (
    <>
      <GroupField className="training-narrow" />
      {group ? <FreeNow group={group} /> : null}
      {isByRole(mode) ? <RolesField mode={mode} models={models} /> : null}
      {group && !isByRole(mode) ? <FlavourField groupId={group.id} /> : null}
      <div className="training-amounts" hidden={isByRole(mode)}>
        {mode === 'single' ? null : (
          <Form.Item<Values> name="instances" label={f('instances')} rules={needed}>
            <InputNumber min={1} max={1000} precision={0} />
          </Form.Item>
        )}
        {flavour ? null : <AmountFields groupId={groupId} each usual={USUAL} />}
      </div>
    </>
  )
}
