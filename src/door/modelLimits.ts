import type { Limits } from './modelRefusal.ts'

/** The operator's part; US dollars. */
export type LimitSettings = { readonly turns: number; readonly budget: number; readonly budgetMax?: number | undefined }

type Limited = {
  readonly budget?: number | undefined
  readonly ways?: { readonly turns?: number | undefined } | undefined
}

/** What a task may use: what its comment or its project names, or the usual, and never more than the operator's bound. */
export function limitsOf({ budget: asked, ways }: Limited, settings: LimitSettings): Limits {
  const { turns, budget, budgetMax = budget } = settings
  return { turns: Math.min(ways?.turns ?? turns, turns), budget: Math.min(asked ?? budget, budgetMax) }
}
