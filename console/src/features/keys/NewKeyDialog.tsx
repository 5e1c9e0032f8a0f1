import { useQuery } from '@tanstack/react-query'
import { Alert, Button, Modal } from 'antd'
import { systemQuery } from '@/api/session'
import { useText } from '@/base/text'
import { CodeBlock } from '@/ui/CodeBlock'
import { CopyButton } from '@/ui/CopyButton'
import { Facts } from '@/ui/Facts'
import { IdText } from '@/ui/IdText'
import type { NewKey } from './queries'
import { s3Samples } from './s3Samples'
import { text } from './text'

/** Shows the secret this once. Closing needs the button: a stray click must not lose it. */
export function NewKeyDialog({ made, onClose }: { made: NewKey | null; onClose: () => void }) {
  const t = useText(text)
  return (
    <Modal
      open={made !== null}
      title={t('made.title')}
      width={560}
      closable={false}
      keyboard={false}
      mask={{ closable: false }}
      footer={
        <Button type="primary" onClick={onClose}>
          {t('made.done')}
        </Button>
      }
    >
      {made === null ? null : <Made made={made} />}
    </Modal>
  )
}

function Made({ made }: { made: NewKey }) {
  const t = useText(text)
  const { data: system } = useQuery(systemQuery)
  const samples =
    made.kind === 'token'
      ? [
          { language: 'CLI', code: cliSample(made) },
          { language: 'Python', code: pythonSample(made) },
          { language: 'curl', code: curlSample(made) },
        ]
      : system === undefined
        ? []
        : s3Samples(system, made, '<bucket>')
  return (
    <div className="sw-stack">
      <Alert type="warning" showIcon title={t('made.once')} />
      <Facts
        columns={1}
        items={[
          { key: 'id', label: t('made.id'), value: <IdText value={made.id} /> },
          {
            key: 'secret',
            label: t('made.secret'),
            value: (
              <span className="sw-secret">
                <code>{made.secret}</code>
                <CopyButton value={made.secret} worded />
              </span>
            ),
          },
        ]}
      />
      <CodeBlock title={t('made.use')} samples={samples} />
    </div>
  )
}

const here = window.location.origin

function cliSample({ secret }: NewKey): string {
  return `export SLIPWAY_URL=${here}\nexport SLIPWAY_TOKEN=${secret}\nslipway train list`
}

function pythonSample({ secret }: NewKey): string {
  return `import slipway\n\nclient = slipway.Client(url="${here}", token="${secret}")`
}

function curlSample({ secret }: NewKey): string {
  return `curl ${here}/api/v1/me \\\n  -H "Authorization: Bearer ${secret}"`
}
