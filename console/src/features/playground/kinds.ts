import { KINDS, type Kind } from './types'

/** What a service can be tried for: what its tag `task` says; without one, an LLM is for chat. */
export function kindsOf({ llm, tags }: { llm: boolean; tags: Record<string, string> }): Kind[] {
  const said = (tags.task ?? '').split(',').map((word) => word.trim().toLowerCase())
  const found = KINDS.filter((kind) => said.includes(kind))
  return found.length > 0 || !llm ? found : ['chat']
}
