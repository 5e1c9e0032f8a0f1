import { Fragment } from 'react'
import { Link } from 'react-router'
import { useText } from '@/base/text'
import { text } from './text'

export function folderPath(bucket: string, folder: string): string {
  const parts = [bucket, ...folder.split('/').filter(Boolean)]
  return `/storage/${parts.map(encodeURIComponent).join('/')}`
}

/** bucket / folder / folder: each part leads there. */
export function PathBar({ bucket, folder }: { bucket: string; folder: string }) {
  const t = useText(text)
  const parts = folder.split('/').filter(Boolean)
  return (
    <nav aria-label={t('path')} className="storage-parts">
      <Part to={folderPath(bucket, '')} name={bucket} here={parts.length === 0} />
      {parts.map((part, index) => (
        <Fragment key={index}>
          <span aria-hidden className="sw-faint">
            /
          </span>
          <Part
            to={folderPath(bucket, parts.slice(0, index + 1).join('/'))}
            name={part}
            here={index === parts.length - 1}
          />
        </Fragment>
      ))}
    </nav>
  )
}

function Part({ to, name, here }: { to: string; name: string; here: boolean }) {
  return here ? <b aria-current="page">{name}</b> : <Link to={to}>{name}</Link>
}
