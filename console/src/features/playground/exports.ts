import type { Conversation, Side } from './types'

export function asMarkdown({ title, persona, sides }: Conversation): string {
  const head = [`# ${title}`, '']
  const quoted = persona === '' ? [] : [...persona.split('\n').map((line) => `> ${line}`), '']
  return [...head, ...quoted, ...sides.flatMap(sideLines)].join('\n')
}

function sideLines({ serviceName, service, turns }: Side): string[] {
  return [
    `## ${serviceName} (${service})`,
    '',
    ...turns.flatMap(({ question, answer }) => [
      '### User',
      '',
      question,
      '',
      '### Assistant',
      '',
      answer.text,
      ...(answer.problem === null ? [] : ['', `_${answer.problem.message}_`]),
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
