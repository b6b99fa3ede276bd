import { dice } from './faults.ts'
import { repeatEvent } from './hookEventLog.ts'
import { countFailures } from './hookHealth.ts'
import { request } from './hookRequest.ts'
import type { HookEvent } from './hookRows.ts'
import type { World } from './world.ts'

/** Sends recorded events to their hooks. */
export type Deliveries = {
  send(ids: readonly number[]): void
  /** Sends one now, whatever shall go wrong, and gives the event as it is afterwards. */
  sendNow(id: number): Promise<HookEvent>
  /** Sends what is late, and gives how many that were; backwards while deliveries are reordered. */
  release(): number
  /** Sends what a kill left behind. */
  start(): void
  close(): void
}

/** The sender, with the faults of the world: late, twice, out of order, in vain, or never. */
export function openDeliveries(world: World): Deliveries {
  const stopping = new AbortController()
  const roll = dice()
  const timers = new Set<NodeJS.Timeout>()
  let late: (() => void)[] = []
  let held: (() => void) | undefined

  const later = (ms: number, action: () => void) => {
    const timer = setTimeout(() => {
      timers.delete(timer)
      action()
    }, ms)
    timers.add(timer)
  }

  const deliver = async (id: number, lost = false): Promise<void> => {
    const event = world.hookEvents.get(id)
    const hook = event === undefined ? undefined : world.hooks.get(event.hookId)
    if (event === undefined || hook === undefined || stopping.signal.aborted) return
    const outcome = await request(world, hook, event, lost, stopping.signal)
    // A sandbox that stops has not delivered: the event stays pending for the next start.
    if (stopping.signal.aborted || world.hookEvents.get(id) === undefined) return
    world.hookEvents.update(id, outcome)
    if (world.faults.delivery.autoDisable) countFailures(world, hook.id, outcome.status)
    world.flush()
  }

  const repeat = (id: number) => {
    const event = world.hookEvents.get(id)
    const hook = event === undefined ? undefined : world.hooks.get(event.hookId)
    if (event === undefined || hook === undefined) return
    void deliver(repeatEvent(world, hook, event, world.faults.delivery.freshKeys).id)
  }

  /** Of two that come one after the other the second goes first. */
  const overtaken = (go: () => void) => {
    if (!world.faults.delivery.reorder) go()
    else if (held === undefined) {
      held = go
      // Nobody may come to overtake it.
      later(1000, () => {
        if (held !== go) return
        held = undefined
        go()
      })
    } else {
      const first = held
      held = undefined
      go()
      later(20, first)
    }
  }

  const dispatch = (id: number) => {
    const { drop, fail, late: share, duplicate, delayMs } = world.faults.delivery
    const falls = (chance: number) => chance > 0 && roll(world.faults) < chance
    if (falls(drop)) {
      world.hookEvents.update(id, { status: 'dropped' })
      world.flush()
      return
    }
    if (falls(fail)) return void deliver(id, true)
    const go = () => {
      void deliver(id)
      for (let copy = 0; copy < duplicate; copy += 1) repeat(id)
    }
    if (falls(share)) late.push(go)
    else if (delayMs > 0) later(delayMs, () => overtaken(go))
    else overtaken(go)
  }

  const send = (ids: readonly number[]) => ids.forEach(dispatch)
  return {
    send,
    sendNow: async (id) => {
      await deliver(id)
      const event = world.hookEvents.get(id)
      if (event === undefined) throw new Error(`The hook event ${id} is gone.`)
      return event
    },
    release: () => {
      const waiting = world.faults.delivery.reorder ? late.reverse() : late
      late = []
      for (const go of waiting) go()
      return waiting.length
    },
    start: () => send(world.hookEvents.filter((event) => event.status === 'pending').map((event) => event.id)),
    close: () => {
      stopping.abort()
      for (const timer of timers) clearTimeout(timer)
    },
  }
}
