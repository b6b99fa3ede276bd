/** Says to screen readers what changed while they were elsewhere on the page: politely, and only what matters. */

import { createContext, type ReactNode, useCallback, useContext, useState } from 'react'

const Announce = createContext<(text: string) => void>(() => {})

export function Announcer({ children }: { children: ReactNode }) {
  const [text, setText] = useState('')
  const announce = useCallback((said: string) => setText(said), [])
  return (
    <Announce value={announce}>
      {children}
      <div className="unseen" aria-live="polite" role="status">
        {text}
      </div>
    </Announce>
  )
}

export function useAnnounce(): (text: string) => void {
  return useContext(Announce)
}
