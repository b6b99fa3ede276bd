/** What somebody typed for a new task: kept in this tab until it is sent, whatever happens to the page. */

export type Draft = {
  readonly repository: string
  readonly prompt: string
  readonly branch: string
  readonly agent: string
  readonly model: string
  /** As typed. */
  readonly budget: string
  readonly plan: boolean
  readonly draft: boolean
}

export const EMPTY: Draft = {
  repository: '',
  prompt: '',
  branch: '',
  agent: '',
  model: '',
  budget: '',
  plan: false,
  draft: false,
}

const KEPT = 'errand.draft'
const LAST = 'errand.repository'

/** A draft that was begun, or an empty one for the project that was asked for last. */
export function readDraft(): Draft {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(KEPT) ?? 'null')
    if (kept !== null && typeof kept === 'object') return { ...EMPTY, ...kept }
    return { ...EMPTY, repository: localStorage.getItem(LAST) ?? '' }
  } catch {
    // Storage may be forbidden, and what is in it may be anybody's.
    return EMPTY
  }
}

export function keepDraft(draft: Draft): void {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(draft))
  } catch {
    // It lives as long as the page, then.
  }
}

export function forgetDraft({ repository }: Draft): void {
  try {
    sessionStorage.removeItem(KEPT)
    localStorage.setItem(LAST, repository)
  } catch {
    // There was nothing to forget.
  }
}

/** What POST /api/tasks takes. */
export function bodyOf(draft: Draft): Record<string, unknown> {
  const given = (name: string, text: string) => (text.trim() === '' ? {} : { [name]: text.trim() })
  return {
    repository: draft.repository.trim(),
    prompt: draft.prompt,
    ...given('branch', draft.branch),
    ...given('agent', draft.agent),
    ...given('model', draft.model),
    ...(draft.budget.trim() === '' ? {} : { budget: Number(draft.budget.replace(',', '.')) }),
    mode: draft.plan ? 'plan' : 'do',
    ...(draft.draft && !draft.plan ? { draft: true } : {}),
  }
}

export type Field = 'repository' | 'prompt' | 'branch' | 'agent' | 'model' | 'budget'
export type FieldErrors = Partial<Record<Field, string>>

/** What the page can see by itself; the server has the last word. */
export function missing(draft: Draft, budgetMax: number | undefined): FieldErrors {
  const budget = Number(draft.budget.replace(',', '.'))
  const wrong = draft.budget.trim() !== '' && !(budget > 0 && budget <= (budgetMax ?? Number.POSITIVE_INFINITY))
  return {
    ...(draft.prompt.trim() === '' ? { prompt: 'Say what is to be done.' } : {}),
    ...(draft.repository.trim() === '' ? { repository: 'Choose the project it is to be done in.' } : {}),
    ...(wrong ? { budget: `A sum in US dollars${budgetMax === undefined ? '' : `, at most ${budgetMax}`}.` } : {}),
  }
}
