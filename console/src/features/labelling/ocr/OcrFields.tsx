import { useQuery } from '@tanstack/react-query'
import { Form, Radio, Select } from 'antd'
import { useText } from '@/base/text'
import { ocrEngines } from './queries'
import { text } from './text'

/** What an OCR task asks for, and what reads texts; `fixed`: structuring does not go back (LAB-45). */
export function OcrFields({ fixed = false }: { fixed?: boolean }) {
  const t = useText(text)
  const { data } = useQuery(ocrEngines())
  const builtIn = data?.built_in ?? true
  return (
    <>
      <Form.Item name="ocr_type" label={t('type')} extra={fixed ? t('type.fixed') : undefined}>
        <Radio.Group
          vertical
          options={(['recognition', 'structured'] as const).map((value) => ({
            value,
            label: `${t(`type.${value}`)}: ${t(`type.${value}.hint`)}`,
            disabled: fixed && value === 'recognition',
          }))}
        />
      </Form.Item>
      <Form.Item
        name="ocr_service"
        label={t('engine')}
        extra={builtIn ? t('engine.hint') : t('engine.none')}
      >
        <Select
          options={[
            { value: '', label: t(builtIn ? 'engine.builtIn' : 'engine.missing') },
            ...(data?.services ?? []).map(({ id, name }) => ({ value: id, label: name })),
          ]}
        />
      </Form.Item>
    </>
  )
}
