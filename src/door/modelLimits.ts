import type { Limits } from './modelRefusal.ts'

/** The operator's part; US dollars. */
export type LimitSettings = { readonly turns: number; readonly budget: number; readonly budgetMax?: number | undefined }

/** What a task may use: the budget that its comment names, or the usual one, and never more than the operator's bound. */
export function limitsOf(task: { readonly budget?: number | undefined }, settings: LimitSettings): Limits {
  const { turns, budget, budgetMax = budget } = settings
  return { turns, budget: Math.min(task.budget ?? budget, budgetMax) }
}
