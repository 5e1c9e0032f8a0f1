import { Tag } from 'antd'

/** Resource tags, `key:value`. */
export function Tags({ tags, max = 3 }: { tags: Readonly<Record<string, string>>; max?: number }) {
  const all = Object.entries(tags).map(([key, value]) => (value === '' ? key : `${key}: ${value}`))
  if (all.length === 0) return <span className="sw-faint">–</span>
  const rest = all.slice(max)
  return (
    <span className="sw-tags">
      {all.slice(0, max).map((words) => (
        <Tag key={words} variant="filled">
          {words}
        </Tag>
      ))}
      {rest.length > 0 ? (
        <Tag variant="filled" title={rest.join('\n')}>
          +{rest.length}
        </Tag>
      ) : null}
    </span>
  )
}
