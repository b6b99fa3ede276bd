import { useCallback, useEffect, useState } from 'react'
import { Conversation, type Item } from './conversation.ts'
import type { LogBytes } from './logBytes.ts'

/** Bytes of the log's end that are read as a conversation at first, and more each time somebody asks for what was before. */
const READ = 512 * 1024

export type Told = {
  readonly items: readonly Item[]
  /** Whether there is more before; `earlier` reads it. */
  readonly cut: boolean
  readonly earlier: () => void
  readonly reading: boolean
}

/** The end of the log as a conversation, going on as it grows. */
export function useConversation(log: LogBytes, over: boolean): Told {
  const [reach, setReach] = useState(READ)
  const [told, setTold] = useState<{ items: readonly Item[]; cut: boolean; reading: boolean }>({
    items: [],
    cut: false,
    reading: true,
  })

  useEffect(() => {
    const from = log.size <= reach ? 0 : Math.floor((log.size - reach) / 65_536) * 65_536
    const conversation = new Conversation(from > 0)
    const decoder = new TextDecoder()
    let at = from
    let ended = false
    let reading = false
    // From the middle: the rest of a line that began before is left out.
    let skips = from > 0

    const read = async () => {
      if (reading) return
      reading = true
      while (!ended && at < log.size) {
        const piece = await log.piece(at)
        if (piece === undefined || piece.length === 0 || ended) break
        at += piece.length
        let text = decoder.decode(piece, { stream: true })
        if (skips) {
          const newline = text.indexOf('\n')
          if (newline < 0) continue
          text = text.slice(newline + 1)
          skips = false
        }
        conversation.feed(text)
      }
      reading = false
      if (over && at >= log.size) conversation.end()
      if (!ended) setTold({ items: [...conversation.items], cut: from > 0, reading: false })
    }
    void read()
    const unsubscribe = log.subscribe(() => void read())
    return () => {
      ended = true
      unsubscribe()
    }
  }, [log, reach, over])

  return { ...told, earlier: useCallback(() => setReach((bytes) => bytes * 4), []) }
}
