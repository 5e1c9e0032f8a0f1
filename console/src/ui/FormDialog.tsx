import { Alert, Form, Modal, type FormInstance } from 'antd'
import { useState, type ReactNode } from 'react'
import { fieldProblems, problemWords } from '@/base/problem'
import { useText } from '@/base/text'
import { fieldPath } from './FormPage'
import { text } from './text'

interface Props<Values> {
  title: string
  open: boolean
  initialValues: Partial<Values>
  submitLabel: string
  onSubmit: (values: Values) => Promise<unknown>
  onClose: () => void
  width?: number
  children: (form: FormInstance<Values>) => ReactNode
}

/** A small form over the page: a few fields, errors of the API at the fields they name. */
export function FormDialog<Values extends object>(props: Props<Values>) {
  const {
    title,
    open,
    initialValues,
    submitLabel,
    onSubmit,
    onClose,
    children,
    width = 480,
  } = props
  const t = useText(text)
  const [form] = Form.useForm<Values>()
  const [problem, setProblem] = useState<unknown>(null)
  const [busy, setBusy] = useState(false)
  const submit = async (values: Values) => {
    setBusy(true)
    setProblem(null)
    try {
      await onSubmit(values)
      onClose()
    } catch (error) {
      const known = Object.keys(form.getFieldsValue())
      const fields = Object.entries(fieldProblems(error)).filter(([name]) => known.includes(name))
      form.setFields(
        fields.map(([name, words]) => ({ name: fieldPath(name) as never, errors: [words] })),
      )
      if (fields.length === 0) setProblem(error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Modal
      open={open}
      title={title}
      width={width}
      okText={submitLabel}
      cancelText={t('cancel')}
      confirmLoading={busy}
      onOk={form.submit}
      onCancel={onClose}
      destroyOnHidden
      afterClose={() => setProblem(null)}
    >
      <Form<Values>
        form={form}
        layout="vertical"
        preserve={false}
        initialValues={initialValues}
        requiredMark={false}
        onFinish={(values) => void submit(values)}
      >
        {problem === null ? null : (
          <Alert
            type="error"
            showIcon
            role="alert"
            className="sw-form-problem"
            title={problemWords(problem).title}
            description={problemWords(problem).message}
          />
        )}
        {children(form)}
        {/* Enter in a field submits, although the button lies outside the form. */}
        <button type="submit" hidden />
      </Form>
    </Modal>
  )
}
