import { useEffect, useState } from 'react'

/** The whole page goes to full screen, so that menus and hints still show; Escape ends it, too. */
export function useFullScreen(): [boolean, () => void] {
  const [full, setFull] = useState(false)
  useEffect(() => {
    const changed = () => {
      if (document.fullscreenElement === null) setFull(false)
    }
    document.addEventListener('fullscreenchange', changed)
    return () => {
      document.removeEventListener('fullscreenchange', changed)
      if (document.fullscreenElement !== null) void document.exitFullscreen()
    }
  }, [])
  const toggle = () => {
    const wanted = !full
    setFull(wanted)
    const asked = wanted
      ? document.documentElement.requestFullscreen()
      : document.fullscreenElement === null
        ? Promise.resolve()
        : document.exitFullscreen()
    // A browser that may not: the image still fills the window.
    asked.catch(() => undefined)
  }
  return [full, toggle]
}
