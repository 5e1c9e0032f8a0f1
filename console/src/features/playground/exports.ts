import type { Conversation, Side } from './types'

export function asMarkdown({ title, updated, parameters, sides }: Conversation): string {
  const head = [`# ${title}`, '', updated, '']
  const persona = parameters.system === '' ? [] : [`> ${parameters.system}`, '']
  return [...head, ...persona, ...sides.flatMap(sideLines)].join('\n')
}

function sideLines({ serviceName, service, messages }: Side): string[] {
  return [
    `## ${serviceName} (${service})`,
    '',
    ...messages.flatMap(({ role, content, problem }) => [
      `### ${role === 'user' ? 'User' : 'Assistant'}`,
      '',
      problem === undefined ? content : `${content}\n\n_${problem}_`,
      '',
    ]),
  ]
}

export function asJson(conversation: Conversation): string {
  return JSON.stringify(conversation, null, 2)
}

export function saveFile(name: string, content: string, type: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}

export function fileName(title: string, ending: string): string {
  const plain = title.replace(/[\\/:*?"<>|\s]+/g, '-').replace(/^-+|-+$/g, '')
  return `${plain.slice(0, 60) || 'chat'}.${ending}`
}
