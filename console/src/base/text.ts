import i18next from 'i18next'
import { initReactI18next, useTranslation } from 'react-i18next'
import { getPreference, onPreferenceChange } from './preferences'

/**
 * The words of one part of the console, in both languages, kept beside the code that says them.
 * Keys are flat. `{{name}}` inserts a value; `items_one` / `items_other` are asked for as `items`.
 */
export interface Text<Key extends string> {
  readonly namespace: string
  /** Only a type: which keys may be asked for. */
  readonly key?: Key
}

export type KeyOf<T> = T extends Text<infer Key> ? Key : never

type Asked<Key> = Key extends `${infer Base}_one` | `${infer Base}_other` ? Base : Key
export type Translate<Key extends string> = (
  key: Key,
  values?: Record<string, string | number>,
) => string

const i18n = i18next.createInstance()
void i18n.use(initReactI18next).init({
  lng: getPreference('language'),
  fallbackLng: 'en',
  supportedLngs: ['en', 'zh'],
  resources: {},
  initAsync: false,
  keySeparator: false,
  nsSeparator: false,
  interpolation: { escapeValue: false }, // React escapes
})

function showLanguage(): void {
  const language = getPreference('language')
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en'
  if (i18n.language !== language) void i18n.changeLanguage(language)
}

onPreferenceChange(showLanguage)
showLanguage()

export function defineText<const En extends Record<string, string>>(
  namespace: string,
  en: En,
  zh: Record<Exclude<keyof En, `${string}_one`>, string>,
): Text<Asked<keyof En & string>> {
  i18n.addResourceBundle('en', namespace, en)
  i18n.addResourceBundle('zh', namespace, zh)
  return { namespace }
}

export function useText<Key extends string>(text: Text<Key>): Translate<Key> {
  const { t } = useTranslation(text.namespace, { i18n })
  return (key, values) => t(key, values ?? {})
}

/** For places outside React; inside a component `useText` follows the language switch. */
export function translate<Key extends string>(
  text: Text<Key>,
  key: Key,
  values: Record<string, string | number> = {},
): string {
  return i18n.t(key, { ...values, ns: text.namespace })
}
