import { useApiMutation } from '@/api/queries'
import { useText } from '@/base/text'
import { FormDialog } from '@/ui/FormDialog'
import { useNotify } from '@/ui/notify'
import { scaleVersion, type Version } from './queries'
import { ScalingFields } from './scaling/ScalingFields'
import { scalingForm, scalingValues, type ScalingValues } from './scaling/values'
import { text } from './text'

interface Values {
  replicas: number
  scaling: ScalingValues
}

interface Props {
  version: Version | null
  llm: boolean
  onClose: () => void
}

/** The count, or what it follows; instances that stay are not touched. */
export function ScaleDialog({ version, llm, onClose }: Props) {
  const t = useText(text)
  const notify = useNotify()
  const count = countOf(version)
  const scale = useApiMutation(
    ({ replicas, scaling }: Values) =>
      scaleVersion(version?.id ?? '', {
        // A new policy alone leaves the count as it is now.
        ...(replicas === count ? {} : { replicas }),
        scaling: scalingForm(scaling),
      }),
    ['service'],
  )
  const submit = async (values: Values) => {
    await scale.mutateAsync(values)
    const name = version?.name ?? ''
    notify.success(
      values.scaling.strategy === 'manual'
        ? t('version.scale.done', { name, count: values.replicas })
        : t('version.scale.policy', { name }),
    )
  }
  return (
    <FormDialog<Values>
      key={version?.id ?? 'none'}
      open={version !== null}
      title={t('version.scale.title', { name: version?.name ?? '' })}
      submitLabel={t('version.scale')}
      width={720}
      initialValues={{
        replicas: count,
        scaling: scalingValues(version?.scaling),
      }}
      onSubmit={submit}
      onClose={onClose}
    >
      {() => (
        <>
          <p className="sw-soft">{t('version.scale.hint')}</p>
          <ScalingFields llm={llm} />
        </>
      )}
    </FormDialog>
  )
}

/** What the field begins with: the count where it is fixed, else that of a start. */
function countOf(version: Version | null): number {
  if (version === null) return 1
  const fixed = version.scaling.strategy === 'manual' && version.scaling.idle_s == null
  return fixed && version.replicas > 0 ? version.replicas : version.default_replicas
}
