import { useEffect } from 'react'

/** What the window's tab says. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Errand`
  }, [title])
}
