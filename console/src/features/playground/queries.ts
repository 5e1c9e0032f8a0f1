import { queryOptions } from '@tanstack/react-query'
import { api, apiUrl, call } from '@/api/client'
import { listKey, listQuery, oneKey } from '@/api/queries'
import type { Schema } from '@/api/types'
import type { Answer, Conversation, Detail, Kind, KeptTurn, Rating, Side } from './types'

export type Preset = Schema<'PresetView'>
export type PresetDetail = Schema<'PresetDetail'>
export type PresetContent = Record<string, unknown>
export type Quality = Schema<'QualityView'>
export type Exported = Schema<'ExportedView'>
export type RowForm = Schema<'RowForm'>

/** The kind that events and writes name; what is said in one browser shows in the others. */
export const HISTORY = 'playground-history'
export const PRESETS = 'playground-preset'

/** Under "service": what starts and stops shows here by itself. */
export const triedServices = (kind: Kind) =>
  listQuery('service', ['playground', kind], async (signal) => {
    const answer = api.GET('/api/v1/playground/services', { params: { query: { kind } }, signal })
    return (await call(answer)).items
  })

/** Of every kind: to find out what a service is for. */
export const everyTried = () =>
  listQuery(
    'service',
    ['playground', 'every'],
    async (signal) => (await call(api.GET('/api/v1/playground/services', { signal }))).items,
  )

export const conversationList = (search: string, kind: Kind | null, limit: number) =>
  listQuery(HISTORY, [search, kind, limit], (signal) =>
    call(
      api.GET('/api/v1/playground/conversations', {
        params: { query: { limit, search: search || undefined, kind: kind ?? undefined } },
        signal,
      }),
    ),
  )

/** Read anew each time it is opened: it may have been written on elsewhere. */
export const oneConversation = (id: string) =>
  queryOptions({
    queryKey: oneKey(HISTORY, id),
    queryFn: async ({ signal }) =>
      conversationOf(
        await call(
          api.GET('/api/v1/playground/conversations/{conversation_id}', {
            params: { path: { conversation_id: id } },
            signal,
          }),
        ),
      ),
    staleTime: 0,
    gcTime: 0,
  })

export const historySwitch = queryOptions({
  queryKey: ['playground-switch'],
  queryFn: ({ signal }) => call(api.GET('/api/v1/playground/history', { signal })),
})

export const qualityOf = (start: string, end: string) =>
  listQuery(HISTORY, ['quality', start, end], (signal) =>
    call(api.GET('/api/v1/playground/statistics', { params: { query: { start, end } }, signal })),
  )

export const goodAnswers = () =>
  queryOptions({
    queryKey: listKey(HISTORY, 'good'),
    queryFn: async ({ signal }) =>
      (await call(api.GET('/api/v1/playground/answers/good', { signal }))).items,
  })

export const presetList = (search: string) =>
  listQuery(PRESETS, search, (signal) =>
    call(
      api.GET('/api/v1/playground/presets', {
        params: { query: { limit: 100, order: '-updated_at', search: search || undefined } },
        signal,
      }),
    ),
  )

export const onePreset = (id: string) =>
  queryOptions({
    queryKey: oneKey(PRESETS, id),
    queryFn: ({ signal }) =>
      call(
        api.GET('/api/v1/playground/presets/{preset_id}', {
          params: { path: { preset_id: id } },
          signal,
        }),
      ),
  })

const conversation = (id: string) => ({ params: { path: { conversation_id: id } } })
const preset = (id: string) => ({ params: { path: { preset_id: id } } })

export const beginConversation = (kind: Kind, title: string) =>
  call(api.POST('/api/v1/playground/conversations', { body: { kind, title } }))

export const renameConversation = ({ id, title }: { id: string; title: string }) =>
  call(
    api.PATCH('/api/v1/playground/conversations/{conversation_id}', {
      ...conversation(id),
      body: { title },
    }),
  )

export const deleteConversation = (id: string) =>
  call(api.DELETE('/api/v1/playground/conversations/{conversation_id}', conversation(id)))

export const clearHistory = () => call(api.DELETE('/api/v1/playground/history'))

export const switchHistory = (keeps: boolean) =>
  call(api.PUT('/api/v1/playground/history', { body: { keeps } }))

export const rateAnswer = (turnId: string, rating: Rating) =>
  call(
    api.PUT('/api/v1/playground/answers/{turn_id}/rating', {
      params: { path: { turn_id: turnId } },
      body: { rating },
    }),
  )

export const exportAnswers = (body: Schema<'ExportForm'>) =>
  call(api.POST('/api/v1/playground/datasets', { body }))

export const createPreset = (body: Schema<'PresetForm'>) =>
  call(api.POST('/api/v1/playground/presets', { body }))

export const savePresetVersion = ({
  id,
  ...body
}: {
  id: string
  content: PresetContent
  note: string
}) => call(api.POST('/api/v1/playground/presets/{preset_id}/versions', { ...preset(id), body }))

export const editPreset = ({ id, ...body }: { id: string } & Schema<'PresetPatch'>) =>
  call(api.PATCH('/api/v1/playground/presets/{preset_id}', { ...preset(id), body }))

export const deletePreset = (id: string) =>
  call(api.DELETE('/api/v1/playground/presets/{preset_id}', preset(id)))

export const pictureUrl = (id: string) => apiUrl(`/api/v1/playground/pictures/${id}`)

/** A conversation of the history as the page works with it. */
export function conversationOf(detail: Detail): Conversation {
  const sides: Side[] = []
  for (const turn of detail.turns) {
    const side = (sides[turn.side] ??= {
      slot: turn.side,
      service: turn.service_id,
      serviceName: turn.service_name,
      turns: [],
    })
    side.service = turn.service_id
    side.serviceName = turn.service_name
    side.turns.push({
      question: turn.question,
      pictures: turn.pictures.map((id) => ({ url: pictureUrl(id) })),
      answer: answerOf(turn),
    })
  }
  const { id, kind, title, persona, parameters } = detail
  return {
    id,
    kind,
    title,
    persona,
    parameters: parameters as Conversation['parameters'],
    sides: sides.filter(Boolean),
  }
}

function answerOf(turn: KeptTurn): Answer {
  return {
    state: turn.state,
    text: turn.answer,
    reasoning: turn.reasoning,
    results: turn.results.map(pictureUrl),
    problem: turn.problem,
    finish: turn.finish_reason,
    promptTokens: turn.prompt_tokens,
    tokens: turn.completion_tokens,
    firstMs: turn.first_ms,
    totalMs: turn.total_ms,
    turnId: turn.id,
    rating: turn.rating,
  }
}
