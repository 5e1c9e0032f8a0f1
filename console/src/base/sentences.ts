import { useSyncExternalStore } from 'react'
import { getPreference, onPreferenceChange } from './preferences'
import { compile, type Translator } from './sentenceMatcher'

/**
 * The platform speaks English: reasons, refusals and notes are sentences of the API. Where the
 * console is Chinese, those that are known are shown in Chinese, and any other as it came.
 */
let translator: Translator | null = null
let loading: Promise<void> | null = null
let stateWord: (state: string) => string | null = () => null
const readers = new Set<() => void>()

/** The list is large, so it is fetched only where it is needed. Settles when it can be used. */
export function loadSentences(): Promise<void> {
  if (getPreference('language') !== 'zh') return Promise.resolve()
  loading ??= import('./sentences.zh.json').then(({ default: list }) => {
    translator = compile(list, (word) => stateWord(word))
    readers.forEach((tell) => tell())
  })
  return loading
}

onPreferenceChange(() => {
  void loadSentences()
  readers.forEach((tell) => tell())
})

/** Sentences name states; whoever has the words for them says them here. */
export function nameStates(of: (state: string) => string | null): void {
  stateWord = of
}

/** A sentence of the API in the language of the console. In components: `useSentence`. */
export function sentence(english: string): string {
  if (getPreference('language') !== 'zh' || translator === null) return english
  return translator(english)
}

/** Follows the switch of the language and the arrival of the list. */
export function useSentence(): (english: string) => string {
  useSyncExternalStore(
    (tell) => {
      readers.add(tell)
      return () => readers.delete(tell)
    },
    () => (getPreference('language') === 'zh' ? translator : null),
  )
  return sentence
}
