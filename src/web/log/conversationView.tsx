/** The log as a conversation: what the agent said and did, with what came back folded. */

import { type ReactNode, useLayoutEffect, useRef, useState } from 'react'
import { counted } from '../amounts.ts'
import { ConversationItem } from './conversationItem.tsx'
import type { LogBytes } from './logBytes.ts'
import type { Goal } from './rawLog.tsx'
import { useConversation } from './useConversation.ts'

const SHOWN = 300
const NEAR = 24

type Props = {
  log: LogBytes
  over: boolean
  follow: boolean
  setFollow: (follow: boolean) => void
  goal: Goal | undefined
  empty: ReactNode
}

export function ConversationView({ log, over, follow, setFollow, goal, empty }: Props) {
  const { items, cut, earlier, reading } = useConversation(log, over)
  const [most, setMost] = useState(SHOWN)
  const box = useRef<HTMLElement>(null)
  const before = useRef(0)
  const shown = items.slice(-most)
  const hidden = items.length - shown.length

  useLayoutEffect(() => {
    if (follow && box.current !== null) box.current.scrollTop = box.current.scrollHeight
  })
  useLayoutEffect(() => {
    if (goal?.row === 'begin') box.current?.scrollTo(0, 0)
  }, [goal])

  const onScroll = () => {
    const element = box.current
    if (element === null) return
    const gap = element.scrollHeight - element.clientHeight - element.scrollTop
    if (element.scrollTop < before.current - 1 && gap > NEAR) setFollow(false)
    else if (gap <= 2) setFollow(true)
    before.current = element.scrollTop
  }

  return (
    <section ref={box} className="talk" aria-label="Conversation" tabIndex={0} onScroll={onScroll}>
      {(hidden > 0 || cut) && (
        <button
          type="button"
          className="button small earlier"
          onClick={() => {
            setFollow(false)
            setMost((count) => count + 2 * SHOWN)
            if (hidden === 0) earlier()
          }}
        >
          {hidden > 0
            ? `Show ${counted(Math.min(hidden, 2 * SHOWN), 'earlier entry', 'earlier entries')}`
            : 'Read further back'}
        </button>
      )}
      {items.length === 0
        ? !reading && empty
        : shown.map((item) => <ConversationItem key={item.key} item={item} version={item.version} />)}
    </section>
  )
}
