import { useInfiniteQuery } from '@tanstack/react-query'
import { useText } from '@/base/text'
import { folderList } from '@/features/storage/queries'
import { ARCHIVE } from './address'
import { text } from './text'

const SHOWN = 8

interface Props {
  address: string
  /** Names of files that fit; null: any. */
  wanted?: RegExp | null
}

/** What lies at an address, so that a wrong one is seen before anything is read. */
export function PlacePeek({ address, wanted = null }: Props) {
  const t = useText(text)
  const [bucket = '', ...rest] = address.replace(/\/+$/, '').split('/')
  const below = rest.join('/')
  const folder = below === '' ? '' : `${below}/`
  const one = below !== '' && (ARCHIVE.test(below) || (wanted?.test(below) ?? false))
  const query = useInfiniteQuery({
    ...folderList(bucket, one ? below : folder),
    enabled: bucket !== '',
  })
  const objects = query.data?.pages.flatMap((page) => page.items) ?? []
  if (!query.isSuccess) return null
  if (objects.length === 0) return <div className="datasets-peek">{t('peek.nothing')}</div>
  const files = objects.filter(({ kind }) => kind === 'file')
  const fits = wanted === null || files.length < objects.length
  const odd = !fits && !one && !files.some(({ name }) => wanted.test(name))
  return (
    <div className="datasets-peek">
      <span className="sw-faint">{t('peek.found')}</span>
      <ul>
        {objects.slice(0, SHOWN).map(({ key, name, kind }) => (
          <li key={key}>{kind === 'folder' ? `${name.replace(/\/$/, '')}/` : name}</li>
        ))}
        {objects.length > SHOWN ? <li className="sw-faint">{t('peek.more')}</li> : null}
      </ul>
      {odd ? (
        <span data-tone="warn" className="datasets-odd">
          {t('peek.noneFit', { wanted: namesOf(wanted) })}
        </span>
      ) : null}
    </div>
  )
}

/** `/\.(csv|xlsx?)$/i` as people write it: `.csv .xlsx`. */
function namesOf(pattern: RegExp): string {
  const inner = /\\\.\(?([^)$]*)/.exec(pattern.source)?.[1] ?? ''
  return inner
    .split('|')
    .map((name) => `.${name.replaceAll('?', '')}`)
    .join(' ')
}
