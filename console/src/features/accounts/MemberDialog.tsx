import { Form, Input, Select } from 'antd'
import { useQuery } from '@tanstack/react-query'
import { useApiMutation } from '@/api/queries'
import { useMay } from '@/api/session'
import { useText } from '@/base/text'
import { FormDialog } from '@/ui/FormDialog'
import { ROLES, setMember, userList, type Role } from './queries'
import { text } from './text'

interface Values {
  user: string
  role: Role
}

interface Props {
  projectId: string
  open: boolean
  onClose: () => void
}

export function MemberDialog({ projectId, open, onClose }: Props) {
  const t = useText(text)
  const add = useApiMutation(
    ({ user, role }: Values) => setMember(projectId, user, role),
    ['project', 'me'],
  )
  return (
    <FormDialog<Values>
      open={open}
      title={t('members.add')}
      submitLabel={t('add')}
      initialValues={{ role: 'developer' }}
      onSubmit={(values) => add.mutateAsync(values)}
      onClose={onClose}
    >
      {() => (
        <>
          <Form.Item
            name="user"
            label={t('name')}
            rules={[{ required: true, message: t('needed') }]}
          >
            <UserField />
          </Form.Item>
          <Form.Item name="role" label={t('role')}>
            <Select
              options={ROLES.map((role) => ({
                value: role,
                label: t(`role.${role}`),
                hint: t(`role.${role}.hint`),
              }))}
              optionRender={({ data }) => (
                <span className="sw-menu-label">
                  {data.label}
                  <small className="sw-faint">{data.hint}</small>
                </span>
              )}
            />
          </Form.Item>
        </>
      )}
    </FormDialog>
  )
}

/** Who may see the list of users picks from it; a project's own administrator types the name. */
function UserField(props: { id?: string; value?: string; onChange?: (value: string) => void }) {
  const may = useMay()('iam:user:list')
  const { data } = useQuery({ ...userList({ limit: 200, order: 'name' }), enabled: may })
  if (!may) {
    return (
      <Input
        id={props.id}
        autoFocus
        value={props.value}
        onChange={(event) => props.onChange?.(event.target.value)}
      />
    )
  }
  return (
    <Select
      {...props}
      autoFocus
      showSearch={{ optionFilterProp: 'label' }}
      options={data?.items.map(({ name, display_name }) => ({
        value: name,
        label: display_name && display_name !== name ? `${display_name} (${name})` : name,
      }))}
    />
  )
}
