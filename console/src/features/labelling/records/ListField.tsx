import { ArrowDownOutlined, ArrowUpOutlined, DeleteOutlined, PlusOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { useText } from '@/base/text'
import { text } from '../work/text'
import { emptyItem, itemComponents, movedItem, type Answers } from './answers'
import { RecordForm, type FieldProps } from './RecordForm'

const FIELDS = 'input, textarea, button'

/** Items that belong together: add, delete, reorder; what is in an item goes with it. */
export function ListField({
  items,
  component,
  onAnswer,
  readOnly,
  display,
  filesUrl,
}: FieldProps & { items: readonly Answers[] }) {
  const t = useText(text)
  const put = (at: number, item: Answers) =>
    onAnswer(items.map((old, index) => (index === at ? item : old)))
  const move = (at: number, by: number) => onAnswer(movedItem(items, at, by))
  /** The field that is typed in goes with its item. */
  const moveWith = (at: number, by: number, item: HTMLElement) => {
    const fields = [...item.querySelectorAll(FIELDS)]
    const field = fields.findIndex((one) => one === document.activeElement)
    const beside = by < 0 ? item.previousElementSibling : item.nextElementSibling
    if (!beside?.classList.contains('label-item')) return
    move(at, by)
    const target = beside.querySelectorAll<HTMLElement>(FIELDS)[field]
    target?.focus()
  }
  return (
    <div>
      {items.length === 0 ? <p className="sw-faint">{t('item.none')}</p> : null}
      {items.map((item, at) => (
        // eslint-disable-next-line jsx-a11y/no-static-element-interactions -- keys of the fields within
        <div
          key={at}
          className="label-item"
          onKeyDown={(event) => {
            if (!event.altKey || readOnly) return
            if (event.key === 'ArrowUp') moveWith(at, -1, event.currentTarget)
            else if (event.key === 'ArrowDown') moveWith(at, 1, event.currentTarget)
            else return
            event.preventDefault()
            event.stopPropagation()
          }}
        >
          <div>
            <RecordForm
              components={itemComponents(component, item)}
              answers={item}
              onChange={(next) => put(at, next)}
              readOnly={readOnly}
              display={display}
              filesUrl={filesUrl}
              inner
            />
          </div>
          {readOnly ? null : (
            <div>
              <Button
                type="text"
                size="small"
                icon={<ArrowUpOutlined aria-hidden />}
                aria-label={t('item.up', { number: at + 1 })}
                disabled={at === 0}
                onClick={() => move(at, -1)}
              />
              <Button
                type="text"
                size="small"
                icon={<ArrowDownOutlined aria-hidden />}
                aria-label={t('item.down', { number: at + 1 })}
                disabled={at === items.length - 1}
                onClick={() => move(at, 1)}
              />
              <Button
                type="text"
                size="small"
                danger
                icon={<DeleteOutlined aria-hidden />}
                aria-label={t('item.delete', { number: at + 1 })}
                onClick={() => onAnswer(items.filter((_, index) => index !== at))}
              />
            </div>
          )}
        </div>
      ))}
      {readOnly || component.form.length === 0 ? null : (
        <Button
          type="dashed"
          size="small"
          icon={<PlusOutlined aria-hidden />}
          onClick={() => onAnswer([...items, emptyItem(component.form)])}
        >
          {t('item.add')}
        </Button>
      )}
    </div>
  )
}
