/** What a project's file may set: the operator of Errand may lock any of it, bound numbers, and list the names that there are. */

import { nearest } from '../tasks/nearest.ts'
import { inlineCode } from './inert.ts'
import type { Problem, ProjectFile, Where } from './projectFile.ts'
import type { ProjectSettings } from './projectFileSchema.ts'

export type Bounds = {
  /** Keys that projects may not set, `model` or `limits.budget`; `limits` is all that is in it. */
  readonly locked: readonly string[]
  /** The most that projects may set; absent, anything. Time in seconds, the budget in US dollars. */
  readonly most: {
    readonly turns?: number | undefined
    readonly budget?: number | undefined
    readonly time?: number | undefined
    readonly pipelineRetries?: number | undefined
  }
  /** The names that may be used; absent, any. */
  readonly agents?: readonly string[] | undefined
  readonly models?: readonly string[] | undefined
  readonly images?: readonly string[] | undefined
  readonly tools?: readonly string[] | undefined
  /** The least role that may ask: a project may ask for more. */
  readonly role: Role
}

export const ROLES = ['reporter', 'developer', 'maintainer', 'owner'] as const
export type Role = (typeof ROLES)[number]

export type Applied = { readonly settings: ProjectSettings; readonly problems: readonly Problem[] }

/** What counts of the file. Everything that does not is told, with what counts instead. */
export function applyProjectFile(bounds: Bounds, file: ProjectFile): Applied {
  const problems: Problem[] = [...file.problems]
  const told = (key: string, problem: string, cure: string): void => {
    const at: Where = file.places.get(key) ?? { line: 1, column: 1 }
    problems.push({ ...at, key, problem, cure })
  }
  /** The value, unless the key is locked. */
  const unlocked = <Value>(key: string, value: Value | undefined): Value | undefined => {
    const lock = bounds.locked.find((one) => key === one || key.startsWith(`${one}.`))
    if (value === undefined || lock === undefined) return value
    told(
      key,
      'is set by the operator of your Errand for all projects',
      'Remove the line, or ask the operator to open it to projects.',
    )
    return undefined
  }
  const atMost = (
    key: string,
    value: number | undefined,
    most: number | undefined,
    unit: (value: number) => string,
  ) => {
    const open = unlocked(key, value)
    if (open === undefined || most === undefined || open <= most) return open
    told(key, `is ${unit(open)}, and ${unit(most)} is the most here`, `${unit(most)} counts instead.`)
    return most
  }
  const oneOf = (key: string, value: string | undefined, known: readonly string[] | undefined) => {
    const open = unlocked(key, value)
    if (open === undefined || known === undefined || known.includes(open)) return open
    told(key, `is ${inlineCode(open)}, and there is no such one here`, names(open, known))
    return undefined
  }
  const { limits, labels, merge_request: mergeRequest, tools, who } = file.settings
  const count = (value: number): string => String(value)
  const wanted = unlocked('tools', tools)
  const missing = (wanted ?? []).filter((tool) => bounds.tools?.includes(tool) === false)
  for (const tool of missing)
    told('tools', `holds ${inlineCode(tool)}, and there is no such one here`, names(tool, bounds.tools ?? []))
  const settings: ProjectSettings = {
    agent: oneOf('agent', file.settings.agent, bounds.agents),
    model: oneOf('model', file.settings.model, bounds.models),
    limits: limits && {
      turns: atMost('limits.turns', limits.turns, bounds.most.turns, count),
      budget: atMost('limits.budget', limits.budget, bounds.most.budget, (dollars) => `$${dollars}`),
      time: atMost('limits.time', limits.time, bounds.most.time, (seconds) => `${Math.round(seconds / 60)} min`),
    },
    trigger: unlocked('trigger', file.settings.trigger),
    labels: labels && {
      todo: unlocked('labels.todo', labels.todo),
      doing: unlocked('labels.doing', labels.doing),
      done: unlocked('labels.done', labels.done),
      failed: unlocked('labels.failed', labels.failed),
    },
    who: least(unlocked('who', who), bounds.role, told),
    image: oneOf('image', file.settings.image, bounds.images),
    setup: unlocked('setup', file.settings.setup),
    instructions: unlocked('instructions', file.settings.instructions),
    tools: wanted?.filter((tool) => !missing.includes(tool)),
    merge_request: mergeRequest && {
      draft: unlocked('merge_request.draft', mergeRequest.draft),
      labels: unlocked('merge_request.labels', mergeRequest.labels),
      reviewers: unlocked('merge_request.reviewers', mergeRequest.reviewers),
      target_branch: unlocked('merge_request.target_branch', mergeRequest.target_branch),
      squash: unlocked('merge_request.squash', mergeRequest.squash),
      remove_source_branch: unlocked('merge_request.remove_source_branch', mergeRequest.remove_source_branch),
      auto_description: unlocked('merge_request.auto_description', mergeRequest.auto_description),
    },
    pipeline_retries: atMost('pipeline_retries', file.settings.pipeline_retries, bounds.most.pipelineRetries, count),
  }
  return { settings, problems: problems.sort((a, b) => a.line - b.line || a.column - b.column) }
}

/** A list of people is one of people who have the role. */
function least(
  who: ProjectSettings['who'],
  role: Role,
  told: (key: string, problem: string, cure: string) => void,
): ProjectSettings['who'] {
  if (typeof who !== 'string' || ROLES.indexOf(who) >= ROLES.indexOf(role)) return who
  told('who', `is ${who}, and ${role} is the least here`, `${role} counts instead.`)
  return undefined
}

function names(written: string, known: readonly string[]): string {
  const meant = nearest(written, known)
  if (meant !== undefined) return `Did you mean \`${meant}\`?`
  const some = known.slice(0, 20).map((name) => `\`${name}\``)
  return some.length === 0
    ? 'There is none to choose from.'
    : `There ${some.length === 1 ? 'is' : 'are'} ${some.join(', ')}${known.length > some.length ? ' and more' : ''}.`
}
