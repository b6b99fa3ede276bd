/** `errand explain FILE`: what Errand would make of a webhook's payload. Calls nothing and nobody. */

import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { answerComment } from '../gitlab/answer.ts'
import { translatePayload } from '../gitlab/payload.ts'
import { statusComment } from '../gitlab/statusComment.ts'
import type { Voice } from '../gitlab/voice.ts'
import { parseCommand } from '../tasks/command.ts'
import { type Delivery, describeDelivery } from '../tasks/delivery.ts'
import { type Received, type ReceiveNeeds, receive, type Ways } from '../tasks/receive.ts'
import type { Subject } from '../tasks/task.ts'
import { StartError } from './startError.ts'

const VOICE_URL = 'https://errand.example.com'

/** What only GitLab could tell is taken from the payload instead; that the author may ask is assumed, and said. */
const person = z.object({ id: z.number(), username: z.string(), name: z.string() })
const item = z.object({
  title: z.string(),
  description: z.string().nullish(),
  source_branch: z.string().nullish(),
  target_branch: z.string().nullish(),
})
const payloadSchema = z.object({
  user: person,
  project: z.object({ path_with_namespace: z.string(), default_branch: z.string().nullish() }),
  object_attributes: z.object({
    ...item.partial().shape,
    id: z.number(),
    note: z.string().nullish(),
    internal: z.boolean().nullish(),
  }),
  issue: item.nullish(),
  merge_request: item.nullish(),
  labels: z.array(z.object({ title: z.string() })).nullish(),
  assignees: z.array(z.object({ id: z.number() })).nullish(),
})
type Known = z.infer<typeof payloadSchema>

export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { trigger: { type: 'string', default: '/agent' } },
    allowPositionals: true,
  })
  const [file] = positionals
  if (file === undefined) throw new StartError('explain needs a FILE that holds the JSON body of a webhook.')
  const body = await readFile(file).catch((error: Error) => {
    throw new StartError(error.message)
  })
  console.log(await explain(body, values.trigger))
}

export async function explain(body: Buffer, trigger: string): Promise<string> {
  let payload: unknown
  try {
    payload = JSON.parse(body.toString())
  } catch (error) {
    return `Refused with 400: the body is not JSON (${error instanceof Error ? error.message : error}).`
  }
  const translated = translatePayload(payload)
  if (translated.payload === 'refused') return `Refused with 400: ${translated.why}.`
  if (translated.payload === 'ignored') return `Answered with 200 and ignored: ${translated.why}.`
  const { delivery } = translated
  const first = `Delivery  ${describeDelivery(delivery)}, answered with 202`
  if (delivery.kind === 'pipeline')
    return `${first}\nTask      one that repairs it, if the pipeline ran on what the agent pushed`
  const known = payloadSchema.safeParse(payload)
  if (!known.success) return `${first}\nThe payload lacks what is needed to tell more: ${z.prettifyError(known.error)}`
  const { note, description } = known.data.object_attributes
  const command = parseCommand(note ?? description ?? '', [trigger])
  const lines = [first, `Command   ${command === undefined ? 'none' : JSON.stringify(command)}`]
  for (const received of await receive(delivery, fromPayload(delivery, known.data, trigger)))
    lines.push(...told(received, { url: VOICE_URL, trigger, budgetMax: 100 }))
  return lines.join('\n')
}

/** The neighbours' functions, answered from the payload. */
function fromPayload(delivery: Exclude<Delivery, { kind: 'pipeline' }>, payload: Known, trigger: string): ReceiveNeeds {
  const { project, user, object_attributes: attributes } = payload
  const about: Partial<z.output<typeof payloadSchema>['object_attributes']> =
    delivery.kind === 'item' ? attributes : (payload.merge_request ?? payload.issue ?? {})
  const { projectId, on, iid } = delivery
  const at = Date.now()
  const subject: Subject = {
    title: about.title ?? '',
    description: about.description ?? '',
    author: user,
    createdAt: at,
    open: true,
    confidential: false,
    labels: payload.labels?.map(({ title }) => title) ?? (delivery.kind === 'item' ? (delivery.labels ?? []) : []),
    assignees: payload.assignees?.map(({ id }) => id) ?? [],
    ...(about.target_branch == null || about.source_branch == null
      ? {}
      : { base: about.target_branch, branch: about.source_branch, mergeRequest: { iid, url: '' } }),
  }
  return {
    me: async () => ({ id: -1, username: 'errand-bot', name: 'Errand' }),
    now: () => at,
    findNote: async ({ noteId, discussion = '(asked for)' }) => ({
      thread: { projectId, on, iid, discussion, note: noteId, internal: attributes.internal === true },
      body: attributes.note ?? '',
      author: user,
      createdAt: at,
      system: false,
      alone: true,
      earlier: [],
      marked: { tasks: [], answered: [], notes: [], at: [] },
    }),
    project: async () => ({
      path: project.path_with_namespace,
      defaultBranch: project.default_branch ?? undefined,
      archived: false,
      isPrivate: true,
    }),
    ways: async () => ({ ...WAYS, trigger }),
    subject: async () => subject,
    labelling: async () => ({ id: 0, by: user, at }),
    assignment: async () => ({ id: 0, by: user, at }),
    pipeline: async () => 'gone',
    permission: async () => ({ may: true, level: 30 }),
    isMaintainer: async () => false,
    isBot: async () => false,
    editorOf: async () => undefined,
    isRewritten: async () => false,
    answered: async () => false,
    seen: async () => false,
    exists: async () => false,
    get: async () => undefined,
    create: async () => true,
    tasksOn: async () => [],
    lastOnBranch: async () => undefined,
    answersIn: async () => [],
    refusedLately: async () => false,
  }
}

/** What an operator gets who sets nothing. */
const WAYS: Omit<Ways, 'trigger'> = {
  agent: 'claude',
  agents: ['claude'],
  budget: 20,
  budgetMax: 100,
  labels: { todo: 'agent-todo', doing: 'agent-doing', done: 'agent-done', failed: 'agent-failed' },
  pipelineTries: 2,
  merge: {},
  who: { level: 30 },
  hints: [],
}

function told(made: Received, voice: Voice): readonly string[] {
  if (made.received !== 'new') return [`Task      none: ${made.received === 'ignored' ? made.why : 'known'}`]
  const { entry } = made
  const comment = (text: string | undefined) =>
    text === undefined ? [] : ['First comment:', text.replace(/^/gm, '  | ')]
  switch (entry.kind) {
    case 'task':
      return [
        `Task      ${entry.id}, if @${entry.asker.username} is an active member with the role Developer or higher`,
        `Branch    ${entry.branch}, from ${entry.base}`,
        `Prompt    ${JSON.stringify(entry.prompt)}`,
        ...comment(statusComment(entry, {}, entry.createdAt, voice)),
      ]
    case 'remark':
      return [`Remark    ${entry.id}, for the next follow-up`]
    case 'order':
      return [`Order     ${entry.what.order}, to ${entry.target}`]
    case 'answer':
      return [`Answer    ${entry.id}: ${entry.saying.say}`, ...comment(answerComment(entry, voice))]
  }
}
