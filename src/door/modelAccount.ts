/** The account of each task with the models: whether it may make another call, and what its calls came to. */

import type { Logger } from '../log.ts'
import { dearest, microDollars, priceOf } from './modelCost.ts'
import type { Metered } from './modelMeter.ts'
import { type Limits, type Refusal, reached, type Spent, type SpentCause, stop, TOO_MANY } from './modelRefusal.ts'
import type { ModelSettings } from './modelSettings.ts'

/** What one call adds. Turns: 1 if it was answered. */
export type Use = {
  readonly turns: number
  readonly input: number
  readonly cacheRead: number
  readonly cacheWrite: number
  readonly output: number
  /** Millionths of a US dollar. */
  readonly microUsd: number
  /** 1 if a part of it is a guess. */
  readonly estimated: number
}

/** Where the sums are kept (redis/spending.ts). */
export type Spending = {
  of(task: string): Promise<Spent>
  add(task: string, use: Use): Promise<void>
  /** Remembers why the task was refused more, the first time. */
  refuse(task: string, cause: SpentCause): Promise<void>
}

/** What the accounts need of others. */
export type AccountNeeds = {
  readonly spending: Spending
  limitsOf(task: string): Promise<Limits>
  /** Told of every call that came to something, by the name of its model; for the numbers. */
  counted(task: string, model: string, use: Use): void
  readonly models: ModelSettings
  readonly log: Logger
}

/** One call under way. */
export type Account = {
  /** Adds a call. Never fails: what cannot be kept now is owed, and added before the task's next call. */
  count(call: Metered, asked: string | undefined, turns: 0 | 1): Promise<void>
  /** The call is over. */
  leave(): void
}

/** Before a call is sent on: the call's account, or why it may not be made. */
export type Accounts = { enter(task: string): Promise<Account | Refusal> }

/**
 * Calls that one task may have under way at once, at each door. Money is known only when a call is over, so this bounds
 * by how much the budget can be overdrawn; it is more than agents' helpers use at a time.
 */
const AT_ONCE = 16
/** Models whose price was missed in the log; their names come from outside. */
const MOST_MISSED = 1000

/** The accounts of all tasks at this door. */
export function createAccounts({ spending, limitsOf, counted, models, log }: AccountNeeds): Accounts {
  const owed = new Map<string, readonly Use[]>()
  const underWay = new Map<string, number>()
  const missed = new Set<string>()

  async function pay(task: string): Promise<void> {
    const debts = owed.get(task) ?? []
    owed.delete(task)
    for (const [n, use] of debts.entries()) {
      try {
        await spending.add(task, use)
      } catch (error) {
        owed.set(task, [...debts.slice(n), ...(owed.get(task) ?? [])])
        throw error
      }
    }
  }

  function cost({ model, tokens }: Metered, asked: string | undefined): number {
    const names = [model, asked].filter((name) => name !== undefined)
    const price = names.map((name) => priceOf(name, models.prices)).find((found) => found !== undefined)
    const name = (names[0] ?? '').slice(0, 100)
    if (price === undefined && !missed.has(name) && missed.size < MOST_MISSED) {
      missed.add(name)
      const words = `No price is known for the model "${name}", so it is counted as the dearest one: set models.prices in the file that ERRAND_CONFIG names.`
      log.warn({ event: 'no-price', model: name }, words)
    }
    return microDollars(tokens, price ?? dearest(models.prices))
  }

  return {
    async enter(task) {
      await pay(task)
      const [limits, spent] = await Promise.all([limitsOf(task), spending.of(task)])
      const cause = reached(spent, limits)
      if (cause !== undefined) {
        if (spent.refused === undefined) {
          await spending.refuse(task, cause)
          log.info({ event: 'refused', task, cause, turns: spent.turns, costUsd: spent.costUsd }, `${task}: ${cause}`)
        }
        return stop(cause, spent, limits)
      }
      const others = underWay.get(task) ?? 0
      if (others >= AT_ONCE) return TOO_MANY
      underWay.set(task, others + 1)
      return {
        async count(call, asked, turns) {
          const { input, cacheRead, cacheWrite, cacheWriteHour, output } = call.tokens
          const use: Use = {
            turns,
            input,
            cacheRead,
            cacheWrite: cacheWrite + cacheWriteHour,
            output,
            microUsd: cost(call, asked),
            estimated: call.estimated ? 1 : 0,
          }
          counted(task, call.model ?? asked ?? 'unknown', use)
          try {
            await spending.add(task, use)
          } catch (error) {
            owed.set(task, [...(owed.get(task) ?? []), use])
            log.warn({ task, err: error }, 'a call of the model is counted later')
          }
        },
        leave() {
          const left = (underWay.get(task) ?? 1) - 1
          if (left === 0) underWay.delete(task)
          else underWay.set(task, left)
        },
      }
    },
  }
}
