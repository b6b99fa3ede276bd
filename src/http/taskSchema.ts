/** The schemas of tasks in the API. taskView.ts has them as types. */

import { z } from 'zod'
import { CAUSES, STATES } from '../tasks/task.ts'
import { STEPS, type TaskSummary, type TaskView } from './taskView.ts'

const at = z.iso.datetime()
const url = z.string().meta({ description: 'An address in GitLab.' })

const summary = {
  id: z
    .string()
    .meta({ description: 'The name of its cause: 42-n1337 is note 1337 of project 42.', example: '42-n1337' }),
  prompt: z.string().meta({ description: 'The request; in lists cut at 500 characters.' }),
  title: z.string(),
  repository: z.string().meta({ description: "The project's path.", example: 'demo/shop' }),
  projectId: z.int(),
  branch: z.string().meta({ description: 'Where the work goes.' }),
  base: z.string().meta({ description: 'Where the branch begins, and the merge request goes to.' }),
  status: z.enum(STATES),
  statusSince: at,
  cause: z.enum([...CAUSES, 'stopped', 'comment-deleted', 'closed', 'label-removed']).nullable(),
  paused: z.boolean().meta({ description: 'Its budget or its turns are spent: allowed more, it goes on.' }),
  doing: z.string().nullable().meta({ description: 'Why it waits, or what the agent is doing now.' }),
  agent: z.string(),
  model: z.string().nullable(),
  mode: z.enum(['do', 'plan']),
  jobName: z.string().nullable().meta({ description: "The newest attempt's Job." }),
  attempt: z.int(),
  durationSeconds: z.int().meta({ description: 'From being asked to its end, or to now.' }),
  createdAt: at,
  startedAt: at.nullable(),
  endedAt: at.nullable(),
  mergeRequestUrl: url.nullable(),
  asker: z.strictObject({ username: z.string(), name: z.string() }),
  source: z.strictObject({ on: z.enum(['issue', 'merge_request', 'page']), url: url.nullable() }),
  costUsd: z.number().nullable(),
  continues: z.string().nullable().meta({ description: 'The task that it goes on with.' }),
  discreet: z.boolean().meta({ description: 'More people can read the project than the request.' }),
}

export const taskSummarySchema = z.strictObject(summary).meta({ id: 'TaskSummary' }) satisfies z.ZodType<TaskSummary>

export const taskViewSchema = z
  .strictObject({
    ...summary,
    budgetUsd: z.number().nullable(),
    usage: z.strictObject({
      turns: z.number().nullable(),
      inputTokens: z.number().nullable(),
      outputTokens: z.number().nullable(),
    }),
    timeline: z.array(z.strictObject({ step: z.enum(STEPS), from: at, to: at.nullable() })),
    answer: z.string().nullable().meta({ description: 'What the agent answered: Markdown that nobody has cleaned.' }),
    failure: z.strictObject({ what: z.string(), detail: z.string().nullable(), cure: z.string() }).nullable(),
    warnings: z.array(z.string()),
    hints: z.array(z.string()),
    files: z.array(z.strictObject({ path: z.string(), added: z.int(), removed: z.int() })),
    commit: z.string().nullable(),
    may: z.strictObject({ stop: z.boolean(), retry: z.boolean() }),
    stopping: z.boolean(),
    log: z.strictObject({
      size: z.int(),
      lines: z.int(),
      cut: z.boolean().meta({ description: 'There was more of it than is kept.' }),
      gone: z.boolean().meta({ description: 'There was one, and it is not kept any more.' }),
    }),
  })
  .meta({ id: 'Task' }) satisfies z.ZodType<TaskView>

export const taskPageSchema = z
  .strictObject({
    tasks: z.array(taskSummarySchema),
    next: z.string().nullable().meta({ description: 'Give it as `before` to get the tasks before these.' }),
  })
  .meta({ id: 'TaskPage' })
