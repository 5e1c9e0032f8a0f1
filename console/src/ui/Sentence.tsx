import { useSentence } from '@/base/sentences'

/** What the platform says (a reason, a note), in the language of the console. */
export function Sentence({ of }: { of: string }) {
  return useSentence()(of)
}
