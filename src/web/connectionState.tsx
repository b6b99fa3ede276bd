import { useEffect, useState } from 'react'
import { useAnnounce } from './announcer.tsx'
import type { Connection } from './serverEvents.ts'

/** Milliseconds: a connection that comes back at once is no news. */
const GRACE = 1500

/** Whether what is on the screen is current. Takes the same room in each state. */
export function ConnectionState({ state }: { state: Connection }) {
  const [lost, setLost] = useState(false)
  const announce = useAnnounce()
  useEffect(() => {
    if (state === 'open') {
      setLost((was) => {
        if (was) announce('Connected again')
        return false
      })
      return
    }
    if (state !== 'lost') return
    const timer = setTimeout(() => {
      setLost(true)
      announce('Disconnected. What you see may be old.')
    }, GRACE)
    return () => clearTimeout(timer)
  }, [state, announce])
  const shown = lost ? 'lost' : state === 'open' ? 'open' : 'connecting'
  return (
    <span className="connection" data-state={shown}>
      <span className="dot" aria-hidden="true" />
      {shown === 'lost' ? 'Disconnected, trying again' : shown === 'open' ? 'Live' : 'Connecting'}
    </span>
  )
}
