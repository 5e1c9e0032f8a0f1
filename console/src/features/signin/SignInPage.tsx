import { Alert, Button, Form, Input } from 'antd'
import { useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import { systemQuery, useSignIn } from '@/api/session'
import { problemWords } from '@/base/problem'
import { useText } from '@/base/text'
import { text } from './text'
import { whenSlow } from '@/ui/busy'

interface Values {
  name: string
  password: string
}

export function SignInPage() {
  const t = useText(text)
  const signIn = useSignIn()
  const [problem, setProblem] = useState<unknown>(null)
  const [busy, setBusy] = useState(false)
  const submit = async ({ name, password }: Values) => {
    setBusy(true)
    setProblem(null)
    try {
      await signIn(name.trim(), password)
    } catch (error) {
      setProblem(error)
      setBusy(false)
    }
  }
  return (
    <div className="sw-signin-card">
      <title>{`${t('title')} · Slipway`}</title>
      <h1>{t('title')}</h1>
      <p className="sw-soft">{t('lead')}</p>
      <Form<Values>
        layout="vertical"
        requiredMark={false}
        onFinish={(values) => void submit(values)}
      >
        {problem === null ? null : (
          <Alert
            type="error"
            showIcon
            role="alert"
            className="sw-form-problem"
            title={problem instanceof Error && problem.message ? problemWords(problem).message : ''}
          />
        )}
        <Form.Item
          name="name"
          label={t('name')}
          rules={[{ required: true, message: t('needName') }]}
        >
          <Input autoFocus size="large" autoComplete="username" />
        </Form.Item>
        <Form.Item
          name="password"
          label={t('password')}
          rules={[{ required: true, message: t('needPassword') }]}
        >
          <Input.Password size="large" autoComplete="current-password" />
        </Form.Item>
        <Button type="primary" htmlType="submit" size="large" block loading={whenSlow(busy)}>
          {t('submit')}
        </Button>
      </Form>
      <details className="sw-first">
        <summary>{t('firstTime')}</summary>
        <p>{t('firstHint')}</p>
      </details>
      <ServerVersion />
    </div>
  )
}

function ServerVersion() {
  const { data } = useQuery(systemQuery)
  return <div className="sw-signin-version">{data ? `Slipway ${data.version}` : ' '}</div>
}
