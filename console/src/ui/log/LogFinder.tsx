import { SearchOutlined } from '@ant-design/icons'
import { Alert, Button, DatePicker, Input, Select, Skeleton } from 'antd'
import dayjs, { type Dayjs } from 'dayjs'
import { useState } from 'react'
import { problemWords } from '@/base/problem'
import { useText } from '@/base/text'
import { text } from '../text'
import { LogLines } from './LogLines'
import type { FoundLines, LogCategory, LogLine, LogQuestion } from './types'
import { whenSlow } from '../busy'

interface Props {
  /** Asks for one page, newest lines first; `cursor` is the one the page before gave. */
  find: (question: LogQuestion, cursor: string | null) => Promise<FoundLines>
  height?: number | string
}

interface Result {
  question: LogQuestion
  lines: readonly LogLine[]
  cursor: string | null
}

const CATEGORIES: readonly LogCategory[] = ['code', 'platform', 'health']
const LOOK = { times: true, wrap: true, follow: false }

/** A search in the whole log, on the server: words with wildcards, a time range, categories. */
export function LogFinder({ find, height = 'min(56vh, 640px)' }: Props) {
  const t = useText(text)
  const [words, setWords] = useState('')
  const [range, setRange] = useState<[Dayjs | null, Dayjs | null] | null>(null)
  const [categories, setCategories] = useState<LogCategory[]>([])
  const [result, setResult] = useState<Result | null>(null)
  const [problem, setProblem] = useState<unknown>(null)
  const [busy, setBusy] = useState(false)
  const search = async () => {
    const question = {
      words,
      categories,
      start: range?.[0]?.toISOString() ?? null,
      end: range?.[1]?.toISOString() ?? null,
    }
    setBusy(true)
    setProblem(null)
    try {
      const { lines, cursor } = await find(question, null)
      setResult({ question, lines, cursor })
    } catch (error) {
      setProblem(error)
    } finally {
      setBusy(false)
    }
  }
  const older = async () => {
    if (result === null) return
    const { lines, cursor } = await find(result.question, result.cursor)
    setResult({ ...result, lines: [...lines, ...result.lines], cursor })
  }
  return (
    <div className="sw-log">
      <form
        className="sw-log-bar"
        role="search"
        onSubmit={(event) => {
          event.preventDefault()
          void search()
        }}
      >
        <Input
          className="sw-log-find"
          prefix={<SearchOutlined aria-hidden />}
          aria-label={t('log.find')}
          placeholder={t('log.findHint')}
          value={words}
          maxLength={400}
          onChange={(event) => setWords(event.target.value)}
        />
        <DatePicker.RangePicker
          showTime
          allowEmpty={[true, true]}
          value={range}
          onChange={setRange}
          presets={[
            { label: t('log.lastHour'), value: [dayjs().subtract(1, 'hour'), dayjs()] },
            { label: t('log.lastDay'), value: [dayjs().subtract(1, 'day'), dayjs()] },
          ]}
        />
        <Select<LogCategory[]>
          mode="multiple"
          className="sw-log-kinds"
          aria-label={t('list.filter')}
          placeholder={t('log.allCategories')}
          value={categories}
          onChange={setCategories}
          options={CATEGORIES.map((value) => ({ value, label: t(`log.${value}`) }))}
        />
        <Button htmlType="submit" type="primary" loading={whenSlow(busy)}>
          {t('log.findDo')}
        </Button>
      </form>
      {problem === null ? null : (
        <Alert type="error" showIcon role="alert" title={problemWords(problem).message} />
      )}
      {result === null && busy ? <Skeleton active className="sw-pad" /> : null}
      {result === null ? null : (
        <LogLines
          lines={result.lines}
          words={plainWords(result.question.words)}
          target={null}
          look={LOOK}
          several={new Set(result.lines.map((line) => line.instance)).size > 1}
          height={height}
          onFollow={() => undefined}
          onOlder={result.cursor === null ? undefined : older}
          narrowed
        />
      )}
    </div>
  )
}

/** What can be marked in a line: one word without wildcards. */
function plainWords(words: string): string {
  const one = words.trim().replaceAll('"', '')
  return /[*?]/.test(one) || (one.includes(' ') && !words.includes('"')) ? '' : one
}
