import type { Hook, HookEvent } from './hookRows.ts'
import { now, type World } from './world.ts'

/** What GitLab says of a hook that fails. */
export type AlertStatus = 'executable' | 'temporarily_disabled' | 'disabled'

/** From the fortieth failure in a row a hook is off until a test succeeds; before that for a while, from the fourth on. */
export function alertStatus(hook: Hook): AlertStatus {
  if (hook.failures >= 40) return 'disabled'
  return hook.disabledUntil !== null && hook.disabledUntil > now() ? 'temporarily_disabled' : 'executable'
}

/** The fourth failure in a row switches a hook off for a minute, each further one for twice as long, up to a day. */
export function countFailures(world: World, id: number, status: HookEvent['status']): void {
  const hook = world.hooks.get(id)
  if (hook === undefined) return
  if (typeof status === 'number' && status < 400) {
    world.hooks.update(id, { failures: 0, disabledUntil: null })
    return
  }
  const failures = hook.failures + 1
  const minutes = Math.min(2 ** (failures - 4), 24 * 60)
  const disabledUntil = failures < 4 ? null : new Date(Date.now() + minutes * 60_000).toISOString()
  world.hooks.update(id, { failures, disabledUntil })
}
