/** Small pictures, drawn in the colour of the text around them. They never stand alone: words say the same. */

import type { ReactNode } from 'react'
import type { Shown } from './states.ts'

export function Icon({ children }: { children: ReactNode }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      {children}
    </svg>
  )
}

const RING = <circle cx="8" cy="8" r="6" />

const STATES: Readonly<Record<Shown, ReactNode>> = {
  queued: (
    <>
      {RING}
      <path d="M8 4.8V8l2.2 1.4" />
    </>
  ),
  starting: <path d="M5 3.5 12 8l-7 4.5z" />,
  running: <path className="turning" d="M8 2a6 6 0 1 1-5.4 3.4" />,
  finishing: (
    <>
      <path className="turning" d="M8 2a6 6 0 1 1-5.4 3.4" />
      <path d="m5.6 8.2 1.7 1.7 3.2-3.5" />
    </>
  ),
  succeeded: (
    <>
      {RING}
      <path d="m5.2 8.3 2 2 3.6-4.2" />
    </>
  ),
  failed: (
    <>
      {RING}
      <path d="m5.8 5.8 4.4 4.4m0-4.4-4.4 4.4" />
    </>
  ),
  cancelled: (
    <>
      {RING}
      <path d="m3.8 3.8 8.4 8.4" />
    </>
  ),
  paused: (
    <>
      {RING}
      <path d="M6.4 5.6v4.8m3.2-4.8v4.8" />
    </>
  ),
}

export function StateIcon({ state }: { state: Shown }) {
  return <Icon>{STATES[state]}</Icon>
}

export const MergeIcon = () => (
  <Icon>
    <circle cx="4" cy="3.5" r="1.7" />
    <circle cx="4" cy="12.5" r="1.7" />
    <circle cx="12" cy="8.5" r="1.7" />
    <path d="M4 5.2v5.6M4 5.2c.3 2.2 2.6 3.3 6.3 3.3" />
  </Icon>
)

export const BranchIcon = () => (
  <Icon>
    <circle cx="4.5" cy="3.5" r="1.7" />
    <circle cx="4.5" cy="12.5" r="1.7" />
    <circle cx="11.5" cy="4.5" r="1.7" />
    <path d="M4.5 5.2v5.6M11.5 6.2c0 2.6-6 1.6-7 4" />
  </Icon>
)

export const WarningIcon = () => (
  <Icon>
    <path d="M8 2.2 14.4 13.4H1.6zM8 6.4v3.2m0 1.9v.1" />
  </Icon>
)

export const PlusIcon = () => (
  <Icon>
    <path d="M8 3v10M3 8h10" />
  </Icon>
)
