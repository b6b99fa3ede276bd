/** `errand explain FILE`: what Errand would make of a webhook's payload. Calls nothing and nobody. */

import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { answerComment } from '../gitlab/answer.ts'
import { statusComment } from '../gitlab/comment.ts'
import { translatePayload } from '../gitlab/hook.ts'
import { parseCommand } from '../tasks/command.ts'
import { type Delivery, type FoundNote, receive } from '../tasks/receive.ts'
import { StartError } from './startError.ts'

const VOICE_URL = 'https://errand.example.com'

/** What only GitLab could tell is taken from the payload instead; that the author may ask is assumed, and said. */
const payloadSchema = z.object({
  user: z.object({ id: z.number(), username: z.string(), name: z.string() }),
  project: z.object({ path_with_namespace: z.string(), default_branch: z.string().nullish() }),
  object_attributes: z.object({ note: z.string(), internal: z.boolean().nullish() }),
  issue: z.object({ title: z.string() }).nullish(),
  merge_request: z.object({ title: z.string(), source_branch: z.string(), target_branch: z.string() }).nullish(),
})

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
  const translated = translatePayload({}, body, payload)
  if (translated.hook === 'refused') return `Refused with ${translated.status}: ${translated.why}.`
  if (translated.hook === 'ignored') return `Answered with 200 and ignored: ${translated.why}.`
  const { delivery } = translated
  const known = payloadSchema.safeParse(payload)
  const first = `Delivery  note ${delivery.noteId} on ${delivery.on} ${delivery.iid} of project ${delivery.projectId}, answered with 202`
  if (!known.success) return `${first}\nThe payload lacks what is needed to tell more: ${z.prettifyError(known.error)}`
  const command = parseCommand(known.data.object_attributes.note, trigger)
  const lines = [first, `Command   ${command === undefined ? 'none' : JSON.stringify(command)}`]
  const { outcome, comment } = await received(delivery, known.data, trigger)
  return [
    ...lines,
    ...outcome,
    ...(comment === undefined ? [] : ['First comment:', comment.replace(/^/gm, '  | ')]),
  ].join('\n')
}

async function received(delivery: Delivery, payload: z.infer<typeof payloadSchema>, trigger: string) {
  const { project, object_attributes: note, merge_request: mergeRequest } = payload
  const voice = { url: VOICE_URL, trigger }
  const found: FoundNote = {
    thread: {
      projectId: delivery.projectId,
      on: delivery.on,
      iid: delivery.iid,
      discussion: delivery.discussion ?? '(asked for)',
      note: delivery.noteId,
      internal: note.internal === true,
    },
    body: note.note,
    author: payload.user,
    system: false,
    answered: [],
  }
  const made = await receive(delivery, {
    trigger,
    agent: 'claude',
    me: async () => ({ id: -1, username: 'errand-bot', name: 'Errand' }),
    now: () => Date.now(),
    findNote: async () => found,
    project: async () => ({
      path: project.path_with_namespace,
      defaultBranch: project.default_branch ?? undefined,
      archived: false,
    }),
    subject: async () => ({
      title: mergeRequest?.title ?? payload.issue?.title ?? '',
      base: mergeRequest?.target_branch,
      branch: mergeRequest?.source_branch,
      mergeRequest: mergeRequest == null ? undefined : { iid: delivery.iid, url: '' },
    }),
    permission: async () => ({ may: true }),
    isMaintainer: async () => false,
    isBot: async () => false,
    exists: async () => false,
    create: async () => true,
    tasksOn: async () => [],
    refusedLately: async () => false,
  })
  if (made.received !== 'new')
    return { outcome: [`Task      none: ${made.received === 'ignored' ? made.why : 'known'}`] }
  const { entry } = made
  switch (entry.kind) {
    case 'task':
      return {
        outcome: [
          `Task      ${entry.id}, if @${entry.asker.username} is an active member with the role Developer or higher`,
          `Branch    ${entry.branch}, from ${entry.base}`,
          `Prompt    ${JSON.stringify(entry.prompt)}`,
        ],
        comment: statusComment(entry, '', entry.createdAt, voice),
      }
    case 'order':
      return { outcome: [`Order     stop, to ${entry.target}`] }
    case 'answer':
      return { outcome: [`Answer    ${entry.id}: ${entry.saying.say}`], comment: answerComment(entry, voice) }
  }
}
