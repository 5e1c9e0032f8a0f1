import { useEffect, useState } from 'react'

/** An image once the browser has it; null before, and while another is asked for. */
export function useImage(url: string | null): { image: HTMLImageElement | null; failed: boolean } {
  const [found, setFound] = useState<{ url: string; image: HTMLImageElement | null } | null>(null)
  useEffect(() => {
    if (url === null) return
    const image = new Image()
    image.onload = () => setFound({ url, image })
    image.onerror = () => setFound({ url, image: null })
    image.src = url
    return () => {
      image.onload = image.onerror = null
    }
  }, [url])
  const own = found !== null && found.url === url ? found : null
  return { image: own?.image ?? null, failed: own !== null && own.image === null }
}
