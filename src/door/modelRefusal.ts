/** Why a call of the model is not sent on, in words for the agent, which passes them to the person. */

/** `status` is for the agent's client: 400, 403 and 404 are not tried again. */
export type Refusal = { readonly status: 400 | 403 | 404 | 429 | 503; readonly message: string }

/** The refusals that end a task's work. */
export type SpentCause = 'budget-spent' | 'turns-spent'

/** Turns are calls of the model; the budget is in US dollars. */
export type Limits = { readonly turns: number; readonly budget: number }

/** What a task has used, all its attempts together. */
export type Spent = {
  readonly turns: number
  /** Of all kinds, cached ones too. */
  readonly inputTokens: number
  readonly outputTokens: number
  readonly costUsd: number
  /** The first refusal; it stays. */
  readonly refused?: SpentCause | undefined
}

/** The limit that is reached; money first, which is what people ask about. */
export function reached(spent: Spent, limits: Limits): SpentCause | undefined {
  if (spent.costUsd >= limits.budget) return 'budget-spent'
  return spent.turns >= limits.turns ? 'turns-spent' : undefined
}

/** The numbers, as one sentence. */
export function spentWords(cause: SpentCause, spent: Spent, limits: Limits): string {
  switch (cause) {
    case 'budget-spent':
      return `The budget of ${dollars(limits.budget)} for this task is spent (${dollars(spent.costUsd)}).`
    case 'turns-spent':
      return `The ${limits.turns} calls of the model that this task may make are made (${spent.turns}).`
  }
}

/** The same for the agent, with what to do now. */
export function stop(cause: SpentCause, spent: Spent, limits: Limits): Refusal {
  return {
    status: 403,
    message: `${spentWords(cause, spent, limits)} Stop here and summarize; Errand saves your work.`,
  }
}

/** Characters of a name that are shown: it comes from the agent. */
const SHOWN = 100

/** Of a model that is not on the list. */
export function notAllowed(model: string, allow: readonly string[]): Refusal {
  const named = JSON.stringify(model.slice(0, SHOWN))
  return { status: 403, message: `The model ${named} is not allowed here. Allowed: ${allow.join(', ')}.` }
}

/** Where there is a list of models, and a body that could be read in two ways, or in none. */
export const UNREADABLE: Refusal = {
  status: 400,
  message:
    'Only some models are allowed here, and the body does not say plainly which one this is for: send one JSON object, not packed, with one "model".',
}

export const LATER: Refusal = {
  status: 400,
  message: 'Answers in the background are not passed on: what they cost could not be counted. Leave out "background".',
}

export const TOO_MANY: Refusal = {
  status: 429,
  message: 'This task has too many calls of the model under way; try again when one of them is done.',
}

/** To the cent, and below a dollar to a hundredth of one where that says more. */
function dollars(amount: number): string {
  const maximumFractionDigits = amount < 1 ? 4 : 2
  return new Intl.NumberFormat('en-US', {
    style: 'currency',
    currency: 'USD',
    minimumFractionDigits: 2,
    maximumFractionDigits,
  }).format(amount)
}
