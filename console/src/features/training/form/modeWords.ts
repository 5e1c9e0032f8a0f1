const MODES = ['single', 'ddp', 'mpi', 'horovod', 'ps', 'ray'] as const

/** A distributed mode by name; one that a newer server knows stands as it is. */
export function modeWords(
  mode: string,
  f: (key: `mode.${(typeof MODES)[number]}`) => string,
): string {
  const known = MODES.find((one) => one === mode)
  return known === undefined ? mode : f(`mode.${known}`)
}
