/** The way in for Errand's own page and its API: what somebody asks there → a stored task, or why not. */

import { PROMPT_LIMIT } from './command.ts'
import { isBranchName, isModelName, LEAST_BUDGET } from './commandFlags.ts'
import type { Refusal, Wish } from './entry.ts'
import { formTask, unfit } from './newTask.ts'
import {
  ARCHIVED,
  type FieldProblem,
  noBranch,
  noneCalled,
  noProject,
  PROMPT_MISSING,
  refusalWords,
  tooLong,
  unfitWords,
} from './pageWords.ts'
import type { Project, ReceiveNeeds, Ways } from './receive.ts'
import type { Person, Stop, Task } from './task.ts'
import { type TaskId, taskId } from './taskId.ts'

export type PageRequest = {
  /** A project's path or id. */
  readonly repository: string | number
  readonly prompt: string
  /** Where the branch begins and the merge request goes to. */
  readonly branch?: string | undefined
  readonly agent?: string | undefined
  readonly model?: string | undefined
  /** US dollars. */
  readonly budget?: number | undefined
  readonly mode?: Task['mode'] | undefined
  readonly draft?: boolean | undefined
}

/**
 * In words for a person. `forbidden`: this person may not; `not-now`: the task's state is not fit for it; `invalid`: a value is
 * wrong, also that of a project that cannot be seen.
 */
export type No = {
  readonly is: 'no'
  readonly why: 'forbidden' | 'not-now' | 'invalid'
  readonly detail: string
  readonly errors?: readonly FieldProblem[]
  /** Of what is forbidden. */
  readonly refused?: Refusal['why'] | 'not-yours' | 'not-readable'
}

/** `known`: the same was asked with the same key before; `other`: something else was. */
export type Asked = { readonly is: 'created' | 'known'; readonly task: Task } | { readonly is: 'other' } | No

export type PageNeeds = Pick<
  ReceiveNeeds,
  'now' | 'ways' | 'subject' | 'permission' | 'isMaintainer' | 'get' | 'tasksOn' | 'lastOnBranch' | 'create'
> & {
  project(named: number | string): Promise<(Project & { readonly id: number }) | 'gone'>
  hasBranch(projectId: number, name: string): Promise<boolean>
  /** Whether this person sees the project's tasks, and may read this one's prompt. */
  maySee(person: Person, projectId: number): Promise<boolean>
  mayRead(person: Person, task: Task): Promise<boolean>
  /** The models that may be named; any otherwise. */
  readonly models: readonly string[] | undefined
  /** A text's SHA-256, in hexadecimal digits. */
  digest(text: string): string
  /** What was asked with this digest of person and key, lately, in any project. */
  askedAs(digest: string): Promise<TaskId | undefined>
  /** The first of those who go on with a task at the same moment, for a minute: the others are told so. */
  claimRetry(id: TaskId, by: TaskId): Promise<TaskId>
  /** Leaves the order beside the task. */
  askStop(id: TaskId, stop: Stop): Promise<void>
  wake(id: TaskId): Promise<void>
}

/** `key`: the same with the same key is asked once. */
export async function askFromPage(request: PageRequest, person: Person, key: string, needs: PageNeeds): Promise<Asked> {
  const name = nameOf(person, key, needs)
  const asking = needs.digest(JSON.stringify(written(request)))
  const before = await askedBefore(name, asking, needs)
  const seen = before?.is === 'known' ? await needs.maySee(person, before.task.thread.projectId) : true
  if (before !== undefined && seen) return before
  const project = seen ? await needs.project(request.repository) : 'gone'
  if (project === 'gone' || !(await needs.maySee(person, project.id)))
    return invalid([{ field: 'repository', message: noProject(request.repository) }])
  if (project.archived) return invalid([{ field: 'repository', message: ARCHIVED }])
  const ways = await needs.ways(project.id)
  const permission = await needs.permission(project.id, person, ways.who)
  if (!permission.may) {
    const detail = refusalWords(permission.refusal)
    const errors = [{ field: 'repository', message: detail }]
    return { is: 'no', why: 'forbidden', detail, errors, refused: permission.refusal.why }
  }
  const wish = wishOf(request)
  const problems = await problemsOf(wish, project, ways, needs)
  if (problems.length > 0) return invalid(problems)
  const id = taskId(project.id, 'page', name)
  const made = formTask({
    id,
    occasion: 'page',
    askedAt: needs.now(),
    thread: { projectId: project.id, on: 'page', iid: 0, internal: false },
    asker: person,
    level: permission.level,
    wish,
    project,
    subject: { title: titleOf(wish.prompt) },
    ways,
    confidential: false,
    asking,
    now: needs.now(),
  })
  return 'say' in made ? invalid([unfitWords(made)]) : keepAsked(made, needs)
}

/** The part of a task's name that says who asked, and with which key. */
export function nameOf({ id }: Person, key: string, { digest }: Pick<PageNeeds, 'digest'>): string {
  return digest(`${id}\n${key}`).slice(0, 16)
}

export async function askedBefore(
  name: string,
  asking: string,
  needs: Pick<PageNeeds, 'askedAs' | 'get'>,
): Promise<Asked | undefined> {
  const id = await needs.askedAs(name)
  const entry = id === undefined ? undefined : await needs.get(id)
  return entry?.kind === 'task' ? sameAs(entry, asking) : undefined
}

/** Whether what is there was asked with the same words. */
export function sameAs(task: Task, asking: string | undefined): Asked {
  return task.asking === asking ? { is: 'known', task } : { is: 'other' }
}

/** Somebody else may have been faster, with the same or with something else. */
export async function keepAsked(task: Task, needs: Pick<PageNeeds, 'create' | 'get'>): Promise<Asked> {
  if (await needs.create(task)) return { is: 'created', task }
  const there = await needs.get(task.id)
  if (there?.kind !== 'task') throw new Error(`${task.id} was there, and is not any more`)
  return sameAs(there, task.asking)
}

/** In one order, whatever the order in which it came. */
function written({ repository, prompt, branch, agent, model, budget, mode, draft }: PageRequest): readonly unknown[] {
  return [repository, prompt, branch, agent, model, budget, mode, draft]
}

function wishOf({ prompt, branch, agent, model, budget, mode = 'do', draft }: PageRequest): Wish {
  const given = (text: string | undefined) => (text?.trim() === '' ? undefined : text?.trim())
  return {
    prompt: prompt.replaceAll('\r\n', '\n').replaceAll('\0', '').toWellFormed().trim(),
    mode,
    base: given(branch),
    agent: given(agent)?.toLowerCase(),
    model: given(model),
    budget,
    ...(draft === undefined ? {} : { merge: { draft } }),
  }
}

/** What it is about, where nobody gave it a title. */
function titleOf(prompt: string): string {
  const [line = ''] = prompt.split('\n', 1)
  return line.slice(0, 200).toWellFormed()
}

/** All that a person can repair at once. */
async function problemsOf(
  wish: Wish,
  project: Project & { readonly id: number },
  ways: Ways,
  needs: PageNeeds,
): Promise<readonly FieldProblem[]> {
  const { prompt, base, model, budget } = wish
  const problems: FieldProblem[] = []
  const bytes = new TextEncoder().encode(prompt).length
  if (prompt === '') problems.push({ field: 'prompt', message: PROMPT_MISSING })
  if (bytes > PROMPT_LIMIT) problems.push({ field: 'prompt', message: tooLong(bytes, PROMPT_LIMIT) })
  if (base !== undefined && project.defaultBranch !== undefined) {
    const there = isBranchName(base) && (await needs.hasBranch(project.id, base))
    if (!there) problems.push({ field: 'branch', message: noBranch(base, project.path) })
  }
  const { models } = needs
  const listed = model === undefined || model === ways.model || (models?.includes(model) ?? isModelName(model))
  if (!listed) problems.push({ field: 'model', message: noneCalled('model', model, models ?? []) })
  if (budget !== undefined && !(budget >= LEAST_BUDGET))
    problems.push({ field: 'budget', message: `Give at least $${LEAST_BUDGET}, or leave it out.` })
  return [...problems, ...unfit(wish, ways).map(unfitWords)]
}

function invalid(errors: readonly FieldProblem[]): No {
  return { is: 'no', why: 'invalid', detail: errors.map(({ message }) => message).join(' '), errors }
}
