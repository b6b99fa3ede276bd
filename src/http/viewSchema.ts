/** The schemas of everything in the API that is no task. taskView.ts has them as types. */

import { z } from 'zod'
import type { LogLines, LogMatches, MeView, NumbersView, ProjectName, ProjectView } from './taskView.ts'

const projectName = {
  id: z.int(),
  path: z.string(),
  defaultBranch: z.string().nullable(),
}
const projectNameSchema = z.strictObject(projectName).meta({ id: 'ProjectName' }) satisfies z.ZodType<ProjectName>

export const projectsSchema = z.strictObject({ projects: z.array(projectNameSchema) }).meta({ id: 'Projects' })

export const projectSchema = z
  .strictObject({
    ...projectName,
    agents: z.array(z.string()).meta({ description: 'Those that a request may name.' }),
    agent: z.string().meta({ description: 'Who does the work where nobody is named.' }),
    model: z.string().nullable(),
    models: z.array(z.string()),
    budget: z.number().meta({ description: 'US dollars a task may cost where nothing else is said.' }),
    budgetMax: z.number().meta({ description: 'The most that a request may allow.' }),
  })
  .meta({ id: 'Project' }) satisfies z.ZodType<ProjectView>

export const branchesSchema = z.strictObject({ branches: z.array(z.string()) }).meta({ id: 'Branches' })

export const meSchema = z
  .strictObject({
    user: z
      .strictObject({ id: z.int(), username: z.string(), name: z.string() })
      .nullable()
      .meta({ description: 'Null of whoever is not logged in.' }),
    login: z.enum(['gitlab', 'nobody', 'tokens']),
    actsAs: z.string().nullable().meta({ description: 'Where nobody logs in: whom everybody acts as.' }),
    gitlab: z.string(),
    trigger: z.string(),
  })
  .meta({ id: 'Me' }) satisfies z.ZodType<MeView>

export const logLinesSchema = z
  .strictObject({
    size: z.int(),
    lines: z.int().meta({ description: 'Newlines in all of it.' }),
    chunkBytes: z.int(),
    newlines: z.array(z.int()).meta({ description: 'How many there are before each chunk.' }),
  })
  .meta({ id: 'LogLines' }) satisfies z.ZodType<LogLines>

export const logMatchesSchema = z
  .strictObject({
    matches: z
      .array(z.strictObject({ line: z.int(), at: z.int() }))
      .meta({ description: 'Lines by the newlines before them, and the byte at which each begins.' }),
    more: z.boolean().meta({ description: 'Whether there are more than these.' }),
  })
  .meta({ id: 'LogMatches' }) satisfies z.ZodType<LogMatches>

const sums = {
  asked: z.int(),
  succeeded: z.int(),
  failed: z.int(),
  cancelled: z.int(),
  mergeRequests: z.int(),
  merged: z.int(),
  successRate: z.number().nullable(),
  mergeRate: z.number().nullable(),
  secondsToMergeRequest: z.number().nullable(),
  costUsd: z.number(),
  costPerMergedUsd: z.number().nullable(),
  tokens: z.int(),
}

export const numbersSchema = z
  .strictObject({
    total: z.strictObject(sums),
    days: z.array(z.strictObject({ day: z.iso.date(), ...sums })),
    projects: z.array(z.strictObject({ id: z.int(), path: z.string(), ...sums })),
  })
  .meta({ id: 'Numbers' }) satisfies z.ZodType<NumbersView>
