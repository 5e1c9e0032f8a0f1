import { Collapse, Form, Input } from 'antd'
import { useApiMutation } from '@/api/queries'
import { useText } from '@/base/text'
import { FormDialog } from '@/ui/FormDialog'
import { useNotify } from '@/ui/notify'
import { createGroup, editGroup, type Group, type NewGroup } from './queries'
import { fromRules, toRules, type RuleValues } from './rules'
import { RulesFields } from './RulesFields'
import { ServicePicker } from './ServicePicker'
import { text } from './text'

interface Values extends RuleValues {
  name: string
  description: string
  services: string[]
}

interface Props {
  /** The group to edit, 'new', or null where the dialog is closed. */
  of: Group | 'new' | null
  onClose: () => void
  onMade: (made: NewGroup) => void
}

/** A new group, or name, description, services and limits of one. */
export function GroupDialog({ of, onClose, onMade }: Props) {
  const t = useText(text)
  const notify = useNotify()
  const old = of === 'new' || of === null ? null : of
  const create = useApiMutation(createGroup, ['service-group'])
  const edit = useApiMutation(
    (body: Parameters<typeof editGroup>[1]) => editGroup(old?.id ?? '', body),
    ['service-group'],
  )
  const submit = async ({ name, description, services, ...rules }: Values) => {
    const form = { name, description, services, rules: toRules(rules) }
    if (old === null) {
      onMade(await create.mutateAsync(form))
      return
    }
    await edit.mutateAsync(form)
    notify.success(t('saved'))
  }
  return (
    <FormDialog<Values>
      key={old?.id ?? (of === null ? 'none' : 'new')}
      open={of !== null}
      title={old === null ? t('new') : t('edit.title', { name: old.name })}
      submitLabel={t(old === null ? 'create' : 'save')}
      initialValues={{
        name: old?.name ?? '',
        description: old?.description ?? '',
        services: old?.services.map(({ id }) => id) ?? [],
        ...fromRules(old?.rules),
      }}
      onSubmit={submit}
      onClose={onClose}
    >
      {() => (
        <>
          <Form.Item
            name="name"
            label={t('name')}
            rules={[{ required: true, message: t('needed') }]}
          >
            <Input autoFocus autoComplete="off" maxLength={64} showCount />
          </Form.Item>
          <Form.Item name="description" label={t('description')}>
            <Input.TextArea maxLength={255} showCount autoSize={{ minRows: 2, maxRows: 4 }} />
          </Form.Item>
          <Form.Item
            name="services"
            label={t('services')}
            rules={[{ required: true, type: 'array', min: 1, message: t('services.needed') }]}
          >
            <ServicePicker />
          </Form.Item>
          <Collapse
            ghost
            items={[
              {
                key: 'limits',
                label: t('limits'),
                forceRender: true,
                children: <RulesFields models={old?.services.flatMap(({ models }) => models)} />,
              },
            ]}
          />
        </>
      )}
    </FormDialog>
  )
}
