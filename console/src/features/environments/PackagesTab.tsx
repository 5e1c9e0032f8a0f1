import { SearchOutlined } from '@ant-design/icons'
import { Input } from 'antd'
import { useState } from 'react'
import type { Schema } from '@/api/types'
import { useText } from '@/base/text'
import { DataTable } from '@/ui/DataTable'
import { EmptyState } from '@/ui/EmptyState'
import { Panel } from '@/ui/Page'
import { text } from './text'

/** What pip found installed when the build was done. */
export function PackagesTab({ packages }: { packages: readonly Schema<'PackageView'>[] }) {
  const t = useText(text)
  const [search, setSearch] = useState('')
  if (packages.length === 0) {
    return (
      <Panel>
        <EmptyState title={t('packages.none')} hint={t('packages.noneHint')} />
      </Panel>
    )
  }
  const found = packages.filter(({ name }) => name.toLowerCase().includes(search.toLowerCase()))
  return (
    <Panel flush>
      <div className="sw-toolbar">
        <Input
          className="sw-search"
          prefix={<SearchOutlined aria-hidden />}
          allowClear
          aria-label={t('packages.search')}
          placeholder={t('packages.search')}
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
        <span className="sw-faint">{t('packages', { count: found.length })}</span>
      </div>
      <DataTable
        label={t('tab.packages')}
        rows={found}
        rowKey={(one) => one.name}
        columns={[
          { key: 'name', title: t('package'), render: ({ name }) => <code>{name}</code> },
          { key: 'version', title: t('version'), render: ({ version }) => version },
        ]}
      />
    </Panel>
  )
}
