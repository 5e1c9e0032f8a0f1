import {
  ArrowLeftOutlined,
  ArrowRightOutlined,
  CloseOutlined,
  RotateRightOutlined,
} from '@ant-design/icons'
import { Button, Image, Input, Slider } from 'antd'
import { useState } from 'react'
import { useText } from '@/base/text'
import { text } from '../work/text'
import { movedItem } from './answers'
import { fileUrl } from './files'

/** Images to look at: as large as wished, turned, and in full by a click. */
export function ImagesView({ paths, filesUrl }: { paths: readonly string[]; filesUrl: string }) {
  const t = useText(text)
  const [width, setWidth] = useState(320)
  const [turn, setTurn] = useState(0)
  if (paths.length === 0) return <span className="sw-faint">{t('empty')}</span>
  return (
    <div>
      <div className="label-bar">
        <Slider
          className="label-size"
          min={80}
          max={1200}
          value={width}
          ariaLabelForHandle={t('grid.size')}
          onChange={setWidth}
        />
        <Button
          size="small"
          type="text"
          icon={<RotateRightOutlined aria-hidden />}
          aria-label={t('rotate')}
          onClick={() => setTurn((now) => (now + 90) % 360)}
        />
      </div>
      <Image.PreviewGroup>
        <div className="label-images">
          {paths.map((path, at) => (
            <Picture key={at} path={path} filesUrl={filesUrl} width={width} turn={turn} />
          ))}
        </div>
      </Image.PreviewGroup>
    </div>
  )
}

interface FieldProps {
  paths: readonly string[]
  filesUrl: string
  readOnly: boolean
  one?: boolean
  onChange: (paths: string[]) => void
}

/** Images of a record that can be removed, put in another order, and added by their path. */
export function ImageField({ paths, filesUrl, readOnly, one = false, onChange }: FieldProps) {
  const t = useText(text)
  const [added, setAdded] = useState('')
  const add = () => {
    const path = added.trim()
    if (path !== '') onChange(one ? [path] : [...paths, path])
    setAdded('')
  }
  return (
    <div>
      <Image.PreviewGroup>
        <div className="label-images">
          {paths.map((path, at) => (
            <div key={`${at} ${path}`}>
              <Picture path={path} filesUrl={filesUrl} width={180} turn={0} />
              {readOnly ? null : (
                <span className="label-group">
                  <Button
                    size="small"
                    type="text"
                    icon={<ArrowLeftOutlined aria-hidden />}
                    aria-label={t('item.up', { number: at + 1 })}
                    disabled={at === 0}
                    onClick={() => onChange(movedItem(paths, at, -1))}
                  />
                  <Button
                    size="small"
                    type="text"
                    icon={<ArrowRightOutlined aria-hidden />}
                    aria-label={t('item.down', { number: at + 1 })}
                    disabled={at === paths.length - 1}
                    onClick={() => onChange(movedItem(paths, at, 1))}
                  />
                  <Button
                    size="small"
                    type="text"
                    danger
                    icon={<CloseOutlined aria-hidden />}
                    aria-label={t('image.remove', { number: at + 1 })}
                    onClick={() => onChange(paths.filter((_, index) => index !== at))}
                  />
                </span>
              )}
            </div>
          ))}
        </div>
      </Image.PreviewGroup>
      {readOnly ? null : (
        <Input
          size="small"
          value={added}
          placeholder={t('image.add')}
          aria-label={t('image.add')}
          onChange={(event) => setAdded(event.target.value)}
          onPressEnter={add}
          onBlur={add}
        />
      )}
    </div>
  )
}

interface PictureProps {
  path: string
  filesUrl: string
  width: number
  turn: number
}

function Picture({ path, filesUrl, width, turn }: PictureProps) {
  const t = useText(text)
  const [failed, setFailed] = useState(false)
  if (failed) return <span className="sw-faint">{t('image.missing', { path })}</span>
  return (
    <span className="label-picture" title={path}>
      <Image
        src={fileUrl(filesUrl, path)}
        alt={path}
        width={width}
        style={turn === 0 ? undefined : { transform: `rotate(${turn}deg)` }}
        onError={() => setFailed(true)}
      />
    </span>
  )
}
