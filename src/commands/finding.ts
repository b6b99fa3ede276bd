/** A line of the doctor's report. */

export type Finding = {
  readonly checked: string
  readonly found: string
  /** What is wrong, each with what to do; empty where all is well. */
  readonly wrong: readonly string[]
  /** What could be better. */
  readonly advice: readonly string[]
  /** Not looked at, or not at all of it: `advice` says who can. */
  readonly unseen?: true
}

export type Found = {
  readonly found: string
  readonly wrong?: readonly string[]
  readonly advice?: readonly string[]
  readonly unseen?: true
}

/** What the look throws is found to be wrong; `cure` says what to do, if need be by what it was. */
export async function check(
  checked: string,
  cure: string | ((error: unknown) => string),
  look: () => Promise<Found>,
): Promise<Finding> {
  try {
    const { wrong = [], advice = [], ...rest } = await look()
    return { checked, ...rest, wrong, advice }
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error)
    return { checked, found, wrong: [typeof cure === 'string' ? cure : cure(error)], advice: [] }
  }
}
