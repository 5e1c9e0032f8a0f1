/** The `data` of each server-sent event, however the bytes were cut on the way. */
export async function* eventData(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let rest = ''
  try {
    for (;;) {
      const { done, value } = await reader.read()
      rest += done ? decoder.decode() : decoder.decode(value, { stream: true })
      const blocks = rest.split(/\r?\n\r?\n/)
      rest = done ? '' : (blocks.pop() ?? '')
      yield* blocks.flatMap(dataOf)
      if (done) return
    }
  } finally {
    await reader.cancel().catch(() => undefined) // also where the caller stopped early
  }
}

function dataOf(block: string): string[] {
  const lines = block.split(/\r?\n/).flatMap((line) => {
    const found = /^data: ?(.*)$/.exec(line)
    return found === null ? [] : [found[1] ?? '']
  })
  return lines.length === 0 ? [] : [lines.join('\n')]
}
