import { LeftOutlined, RightOutlined } from '@ant-design/icons'
import { Button, Select } from 'antd'
import { useText } from '@/base/text'
import type { ListState } from './listState'
import { text } from './text'

const SIZES = [10, 20, 50, 100]

interface Props {
  list: ListState
  total: number | undefined
  nextCursor: string | null
}

export function Pager({ list, total, nextCursor }: Props) {
  const t = useText(text)
  return (
    <footer className="sw-pager">
      <span className="sw-faint sw-num">
        {total === undefined ? null : t('list.total', { count: total })}
      </span>
      <Select
        size="small"
        variant="borderless"
        aria-label={t('list.pageSizeLabel')}
        value={list.pageSize}
        options={SIZES.map((size) => ({ value: size, label: t('list.pageSize', { size }) }))}
        onChange={list.setPageSize}
      />
      <span className="sw-num">{t('list.page', { page: list.page })}</span>
      <Button
        size="small"
        type="text"
        icon={<LeftOutlined aria-hidden />}
        aria-label={t('list.previous')}
        disabled={!list.canGoBack}
        onClick={list.goBack}
      />
      <Button
        size="small"
        type="text"
        icon={<RightOutlined aria-hidden />}
        aria-label={t('list.next')}
        disabled={nextCursor === null}
        onClick={() => nextCursor !== null && list.goNext(nextCursor)}
      />
    </footer>
  )
}
