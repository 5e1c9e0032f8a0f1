import { Component, type ErrorInfo, type ReactNode } from 'react'
import { Button } from 'antd'
import { useText } from '@/base/text'
import { ErrorState } from './ErrorState'
import { text } from './text'

interface Props {
  children: ReactNode
  /** A change of this value (the page's address, say) gives the children a new chance. */
  resetKey?: string
}

interface State {
  error: unknown
  resetKey: string | undefined
}

export class ErrorBoundary extends Component<Props, State> {
  override state: State = { error: null, resetKey: this.props.resetKey }

  static getDerivedStateFromError(error: unknown): Partial<State> {
    return { error }
  }

  static getDerivedStateFromProps(props: Props, state: State): Partial<State> | null {
    return props.resetKey === state.resetKey ? null : { error: null, resetKey: props.resetKey }
  }

  override componentDidCatch(error: unknown, info: ErrorInfo): void {
    console.error('A part of the page failed', error, info.componentStack)
  }

  override render(): ReactNode {
    if (this.state.error === null) return this.props.children
    return <Crash error={this.state.error} onRetry={() => this.setState({ error: null })} />
  }
}

export function Crash({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const t = useText(text)
  return (
    <div className="sw-crash">
      <ErrorState error={error} onRetry={onRetry} />
      <Button type="link" onClick={() => window.location.reload()}>
        {t('error.reload')}
      </Button>
    </div>
  )
}
