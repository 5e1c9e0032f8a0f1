/** A hull on its slipway. */
export function Logo({ size = 24 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden focusable="false">
      <rect width="32" height="32" rx="7" fill="#0e6e83" />
      <path d="M6 22.5 24 10v6.2L10.5 25.5H6z" fill="#fff" />
      <path d="M17 9.5 25.5 6v2.6L20 12.4z" fill="#fff" opacity=".65" />
    </svg>
  )
}
