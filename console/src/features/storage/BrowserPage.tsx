export function BrowserPage() {
  return null
}
