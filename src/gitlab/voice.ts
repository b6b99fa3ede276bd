/** What every text of the bot knows about where it speaks. */
export type Voice = {
  /** Where Errand's own pages are, without a trailing slash. */
  readonly url: string
  readonly trigger: string
  /** US dollars that a comment may allow a task at most. */
  readonly budgetMax: number
}

/** The same, where a project has a trigger of its own. */
export function inProject(voice: Voice, trigger: string | undefined): Voice {
  return trigger === undefined ? voice : { ...voice, trigger }
}

/** The next sum to ask for, or nothing where there is no more to be had. */
export function moreThan(budget: number, { budgetMax }: Voice): number | undefined {
  return budget >= budgetMax ? undefined : Math.min(Math.ceil(budget * 2), budgetMax)
}

/** Paragraphs, without those that have nothing to say. */
export function paragraphs(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('\n\n')
}

/** `4 s`, `1 min 4 s`, `2 h 5 min`. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

export function dollars(amount: number): string {
  return `$${amount > 0 && amount < 0.01 ? amount.toPrecision(1) : amount.toFixed(2)}`
}
