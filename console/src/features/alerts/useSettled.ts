import { useEffect, useState } from 'react'

/** The value once it has not changed for a while: so that not each letter asks the server. */
export function useSettled<Value>(value: Value, delayMs = 300): Value {
  const [settled, setSettled] = useState(value)
  const written = JSON.stringify(value)
  useEffect(() => {
    const timer = window.setTimeout(() => setSettled(JSON.parse(written) as Value), delayMs)
    return () => window.clearTimeout(timer)
  }, [written, delayMs])
  return settled
}
