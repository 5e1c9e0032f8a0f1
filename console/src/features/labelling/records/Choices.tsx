import { useKeys } from '../work/keys'
import type { FieldProps } from './RecordForm'

/** The options of a selector: one, or several in the order of the schema. */
export function Choices({ component, answer, onAnswer, readOnly, keyed }: FieldProps) {
  const { choices, option, name } = component
  const several = option === 'MultiSelector'
  const chosen = Array.isArray(answer) ? (answer as string[]) : [String(answer ?? '')]
  const pick = (choice: string) => {
    if (readOnly) return
    const has = chosen.includes(choice)
    if (!several) onAnswer(has ? '' : choice)
    else onAnswer(choices.filter((one) => (one === choice ? !has : chosen.includes(one))))
  }
  useKeys(
    Object.fromEntries(choices.slice(0, 9).map((choice, at) => [`${at + 1}`, () => pick(choice)])),
    keyed && !readOnly,
  )
  return (
    <div className="label-options" role={several ? 'group' : 'radiogroup'} aria-label={name}>
      {choices.map((choice, at) => (
        <button
          key={choice}
          type="button"
          role={several ? 'checkbox' : 'radio'}
          aria-checked={chosen.includes(choice)}
          disabled={readOnly}
          onClick={() => pick(choice)}
        >
          {keyed && at < 9 ? <kbd>{at + 1}</kbd> : null}
          {choice}
        </button>
      ))}
    </div>
  )
}
