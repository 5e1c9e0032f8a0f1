import { getPreference, onPreferenceChange } from './preferences'
import { compile, type Translator } from './sentenceMatcher'

/**
 * The platform speaks English: reasons, refusals and notes are sentences of the API. Where the
 * console is Chinese, those that are known are shown in Chinese, and any other as it came.
 */
let translator: Translator | null = null
let loading: Promise<void> | null = null

/** The list is large, so it is fetched only where it is needed. Settles when it can be used. */
export function loadSentences(): Promise<void> {
  if (getPreference('language') !== 'zh') return Promise.resolve()
  loading ??= import('./sentences.zh.json').then(({ default: list }) => {
    translator = compile(list)
  })
  return loading
}

onPreferenceChange(() => void loadSentences())

/** A sentence of the API in the language of the console. */
export function sentence(english: string): string {
  if (getPreference('language') !== 'zh' || translator === null) return english
  return translator(english)
}
