import { CloseOutlined } from '@ant-design/icons'
import { Button, Tag, Tooltip } from 'antd'
import { useText } from '@/base/text'
import type { Said } from './useMeaning'
import { text } from './text'

interface Props {
  said: Said
  readOnly: boolean
  onUnpair: (key: readonly number[], value: readonly number[]) => void
  onSelect: (ids: readonly number[]) => void
}

/** What the image says in the end: the fields, and the pairs and joins that they are made of. */
export function Fields({ said, readOnly, onUnpair, onSelect }: Props) {
  const t = useText(text)
  const { fields, pairs, joins } = said.meaning
  return (
    <>
      <section aria-label={t('pairs')}>
        <h2>{t('pairs')}</h2>
        {pairs.length === 0 ? <p className="sw-faint">{t('pairs.none')}</p> : null}
        <div className="ocr-pairs">
          {pairs.map(({ key, value }) => (
            <Tag key={`${key.join()} ${value.join()}`} variant="outlined">
              <button type="button" onClick={() => onSelect([...key, ...value])}>
                {key.join(' + ')} → {value.join(' + ')}
              </button>
              {readOnly ? null : (
                <Button
                  type="text"
                  size="small"
                  icon={<CloseOutlined aria-hidden />}
                  aria-label={t('pairs.remove', { key: key.join(' + '), value: value.join(' + ') })}
                  onClick={() => onUnpair(key, value)}
                />
              )}
            </Tag>
          ))}
          {joins.map((join) => (
            <Tooltip key={join.join()} title={t('join.hint')}>
              <Tag variant="filled" color="purple">
                <button type="button" onClick={() => onSelect(join)}>
                  {t('join', { ids: join.join(' + ') })}
                </button>
              </Tag>
            </Tooltip>
          ))}
        </div>
      </section>
      <section aria-label={t('fields')}>
        <h2>{t('fields')}</h2>
        {fields.length === 0 ? <p className="sw-faint">{t('fields.none')}</p> : null}
        <dl className="ocr-result">
          {fields.map(({ keys, values, key_ids: keyIds, value_ids: valueIds }) => (
            <div key={`${keyIds.join()} ${valueIds.join()}`}>
              <dt>{keys.length === 0 ? t('fields.noKey') : keys.join(' › ')}</dt>
              <dd>{values.length === 0 ? t('fields.noValue') : values.join(' / ')}</dd>
            </div>
          ))}
        </dl>
      </section>
    </>
  )
}
