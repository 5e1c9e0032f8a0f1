import { SettingOutlined } from '@ant-design/icons'
import { Button, Popover, Slider, Switch } from 'antd'
import { useText } from '@/base/text'
import { text } from '../work/text'
import type { Display } from './RecordForm'

interface Props {
  display: Display
  onDisplay: (display: Display) => void
}

/** Font size, and whether Markdown is shown as such. */
export function DisplaySettings({ display, onDisplay }: Props) {
  const t = useText(text)
  return (
    <Popover
      trigger="click"
      placement="bottomRight"
      content={
        <div className="record-settings">
          <span>{t('fontSize')}</span>
          <Slider
            min={11}
            max={24}
            value={display.fontSize}
            ariaLabelForHandle={t('fontSize')}
            onChange={(fontSize) => onDisplay({ ...display, fontSize })}
          />
          <span>{t('markdown')}</span>
          <Switch
            size="small"
            aria-label={t('markdown')}
            checked={display.markdown}
            onChange={(markdown) => onDisplay({ ...display, markdown })}
          />
        </div>
      }
    >
      <Button size="small" type="text" icon={<SettingOutlined aria-hidden />}>
        {t('display')}
      </Button>
    </Popover>
  )
}
