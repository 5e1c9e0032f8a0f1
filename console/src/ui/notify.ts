import { App } from 'antd'
import { problemWords } from '@/base/problem'

export interface Notify {
  success: (words: string) => void
  problem: (error: unknown) => void
}

/** Short words at the top for what worked; a notice that stays for what did not. */
export function useNotify(): Notify {
  const { message, notification } = App.useApp()
  return {
    success: (words) => void message.success(words),
    problem: (error) => {
      const { title, message: description } = problemWords(error)
      notification.error({ title, description, duration: 8, placement: 'topRight' })
    },
  }
}
