import { Input, InputNumber } from 'antd'
import { useText } from '@/base/text'
import { Markdown } from '@/ui/Markdown'
import { text } from '../work/text'
import type { Answers } from './answers'
import { Choices } from './Choices'
import { ImageField, ImagesView } from './Images'
import { ListField } from './ListField'
import { Media } from './Media'
import type { FieldProps } from './RecordForm'

const ROWS = { SingleLine: 1, MultiLine: 4, LongArticle: 16 } as const

/** A component by its type. */
export function FieldBody(props: FieldProps) {
  const { component, answer, onAnswer, readOnly, filesUrl } = props
  const { type, name, value, size } = component
  switch (type) {
    case 'TextInput': {
      const shared = {
        'aria-label': name,
        value: typeof answer === 'string' ? answer : '',
        readOnly,
      }
      if (size === 'SingleLine') {
        return <Input {...shared} onChange={(event) => onAnswer(event.target.value)} />
      }
      const maxRows = ROWS[size as keyof typeof ROWS]
      return (
        <Input.TextArea
          {...shared}
          autoSize={{ minRows: Math.min(2, maxRows), maxRows }}
          onChange={(event) => onAnswer(event.target.value)}
        />
      )
    }
    case 'NumberInput':
      return (
        <InputNumber
          aria-label={name}
          readOnly={readOnly}
          value={typeof answer === 'number' ? answer : null}
          onChange={(number) => onAnswer(number)}
        />
      )
    case 'StringSelector':
      return <Choices {...props} />
    case 'ImageListInput':
      return (
        <ImageField
          paths={Array.isArray(answer) ? (answer as string[]) : []}
          filesUrl={filesUrl}
          readOnly={readOnly}
          onChange={onAnswer}
        />
      )
    case 'ImageInput':
      return (
        <ImageField
          paths={typeof answer === 'string' && answer !== '' ? [answer] : []}
          filesUrl={filesUrl}
          readOnly={readOnly}
          one
          onChange={(paths) => onAnswer(paths.at(-1) ?? '')}
        />
      )
    case 'ImageViewer':
    case 'ImageListViewer':
      return <ImagesView paths={asTexts(value)} filesUrl={filesUrl} />
    case 'AudioViewer':
    case 'VideoViewer':
      return (
        <Media path={asTexts(value)[0] ?? ''} filesUrl={filesUrl} video={type === 'VideoViewer'} />
      )
    case 'List':
      return <ListField {...props} items={Array.isArray(answer) ? (answer as Answers[]) : []} />
    default:
      return <TextView {...props} />
  }
}

function TextView({ component, display }: FieldProps) {
  const t = useText(text)
  const words = asTexts(component.value).join('\n')
  return (
    <div
      className="label-viewer"
      data-size={component.size}
      data-markdown={display.markdown || undefined}
    >
      {words === '' ? (
        <span className="sw-faint">{t('empty')}</span>
      ) : display.markdown ? (
        <Markdown>{words}</Markdown>
      ) : (
        words
      )}
    </div>
  )
}

export function asTexts(value: string | string[] | null): string[] {
  if (value === null || value === '') return []
  return Array.isArray(value) ? value : [value]
}
