import { apiUrl } from '@/api/client'

/** What the platform says of a shell, beside what the shell writes. */
export type Said =
  | { state: 'open'; namespace: boolean; idle_s: number }
  | { state: 'refused'; code: string; message: string }
  | { state: 'closed'; reason: string }

export interface Listener {
  onOutput: (data: Uint8Array) => void
  onSaid: (said: Said) => void
  /** The connection is gone, whoever ended it. */
  onGone: () => void
}

export interface Size {
  columns: number
  rows: number
}

/** One shell: what is typed goes as bytes, sizes and states go as JSON. */
export class ShellConnection {
  private readonly socket: WebSocket
  private readonly encoder = new TextEncoder()

  constructor(path: string, { columns, rows }: Size, listener: Listener) {
    const address = apiUrl(path, { columns: String(columns), rows: String(rows) })
    this.socket = new WebSocket(new URL(address, window.location.href.replace(/^http/, 'ws')))
    this.socket.binaryType = 'arraybuffer'
    this.socket.onmessage = ({ data }: MessageEvent<ArrayBuffer | string>) => {
      if (typeof data === 'string') listener.onSaid(JSON.parse(data) as Said)
      else listener.onOutput(new Uint8Array(data))
    }
    this.socket.onclose = listener.onGone
  }

  type(text: string): void {
    this.send(this.encoder.encode(text))
  }

  resize({ columns, rows }: Size): void {
    this.send(JSON.stringify({ columns, rows }))
  }

  close(): void {
    this.socket.onclose = null
    this.socket.onmessage = null
    this.socket.close()
  }

  private send(data: string | Uint8Array<ArrayBuffer>): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(data)
  }
}
