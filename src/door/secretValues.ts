/** The values to mask that a run names at its start: what its container got beyond the contract (house.md, Log). */

import type { Request } from 'express'
import { z } from 'zod'
import type { Admitted } from './admit.ts'
import type { Caller } from './credential.ts'
import { seal, unseal } from './secretSeal.ts'

export type SecretNeeds = {
  /** ERRAND_KEY: where these values are kept, they are kept sealed. */
  readonly key: string
  /** Errand's own values to mask, asked for each time, since the files they are in rotate. */
  secrets(): readonly string[]
  /** Where the runs' values are kept, each text until its attempt is long over. */
  readonly masks: {
    add(task: string, attempt: number, sealed: string): Promise<void>
    of(task: string, attempt: number): Promise<readonly string[]>
  }
}

const MOST_VALUES = 200
/** Bytes of all values together; each is looked for in some 15 forms. */
const MOST_BYTES = 16 * 1024

const schema = z.object({ values: z.array(z.string()).max(MOST_VALUES) })

/** Every value to mask in what this attempt says: Errand's own, and those it named itself. */
export async function secretsOf(caller: Caller, needs: SecretNeeds): Promise<readonly string[]> {
  return [...needs.secrets(), ...(await valuesOf(caller, needs))]
}

/** Those that the attempt named. Throws when they were sealed with another key: better nothing shown than a secret. */
export async function valuesOf(
  { task, attempt }: Caller,
  { key, masks }: Pick<SecretNeeds, 'key' | 'masks'>,
): Promise<readonly string[]> {
  const lists = (await masks.of(task, attempt)).map((sealed): readonly string[] => {
    const text = unseal(key, purposeOf(task, attempt), sealed)
    if (text === undefined) throw new Error(`what is to be masked for attempt ${attempt} of ${task} cannot be read`)
    return JSON.parse(text)
  })
  return lists.flat()
}

/**
 * Answers `PUT /v1/masks`. Values are added, never taken away: the agent holds the same credential as the container, and
 * must not be able to uncover what was named before it began.
 */
export async function putMasks(req: Request, res: Admitted, needs: SecretNeeds): Promise<void> {
  const { caller } = res.locals
  const read = schema.safeParse(req.body)
  if (!read.success) {
    res.status(400).json({ error: `masks.values: not a list of at most ${MOST_VALUES} texts` })
    return
  }
  const known = await valuesOf(caller, needs)
  const added = [...new Set(read.data.values)].filter((value) => value !== '' && !known.includes(value))
  const all = [...known, ...added]
  if (all.length > MOST_VALUES || all.reduce((sum, value) => sum + Buffer.byteLength(value), 0) > MOST_BYTES) {
    const error = `masks.values: more than ${MOST_VALUES} values or ${MOST_BYTES} bytes, with what was named before`
    res.status(413).json({ error })
    return
  }
  const { task, attempt } = caller
  if (added.length > 0)
    await needs.masks.add(task, attempt, seal(needs.key, purposeOf(task, attempt), JSON.stringify(added)))
  res.sendStatus(204)
}

function purposeOf(task: string, attempt: number): string {
  return `masks ${task} ${attempt}`
}
