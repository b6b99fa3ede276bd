import { canRead, canReadInternal, canReadIssue } from './access.ts'
import type { Note, NoteableType, Person, Project, Time } from './entities.ts'
import { mentionsIn } from './mentions.ts'
import type { Noteable } from './payloads.ts'
import { type Deed, now, type World } from './world.ts'

/** Why somebody has something to do. */
export type TodoAction = 'assigned' | 'mentioned' | 'directly_addressed' | 'review_requested' | 'build_failed'

/** Something on somebody's to-do list. */
export type Todo = {
  id: number
  personId: number
  projectId: number
  targetType: NoteableType
  targetId: number
  noteId: number | null
  authorId: number
  action: TodoAction
  state: 'pending' | 'done'
  createdAt: Time
  updatedAt: Time
}

/** Where a mention stands, besides its thing. */
type Source = { readonly text: string | null; readonly before?: string | null; readonly note?: Note }

/**
 * To-dos for everybody whom a text mentions anew and who may read it, the writer included. Each mention makes one of its own
 * (GitLab 17.8 on, doc/user/todos.md).
 */
export function mentionTodos(deed: Deed, project: Project, target: Noteable, { text, before, note }: Source): void {
  const known = mentionsIn(before ?? '')
  const old = new Set([...known.addressed, ...known.mentioned])
  const { addressed, mentioned } = mentionsIn(text ?? '')
  for (const [names, action] of [
    [addressed, 'directly_addressed'],
    [mentioned, 'mentioned'],
  ] as const) {
    for (const person of names.filter((name) => !old.has(name)).map((name) => named(deed.world, name))) {
      if (person !== undefined && mayRead(deed.world, person, project, target, note)) {
        add(deed, project, target, person.id, action, note?.id ?? null)
      }
    }
  }
}

/** One to-do for each person who is newly asked for something; a second of the same kind is not made while one is pending. */
export function requestTodos(
  deed: Deed,
  project: Project,
  target: Noteable,
  personIds: readonly number[],
  action: TodoAction,
): void {
  for (const personId of personIds) {
    const twin = pending(deed.world, personId, target).some((todo) => todo.action === action)
    if (!twin) add(deed, project, target, personId, action, null)
  }
}

/**
 * What somebody does with a thing settles their own to-dos of it: a comment, a reaction (also on any of its notes), another
 * label, assignee or text, closing it. A reply settles only those of its thread.
 */
export function settleTodos(world: World, personId: number, target: Noteable, thread?: readonly Note[]): void {
  for (const todo of pending(world, personId, target)) {
    if (thread === undefined || thread.some((note) => note.id === todo.noteId)) finishTodo(world, todo)
  }
}

/** Marks one as done; a done one stays as it is. */
export function finishTodo(world: World, todo: Todo): Todo {
  return todo.state === 'done' ? todo : world.todos.update(todo.id, { state: 'done', updatedAt: now() })
}

function pending(world: World, personId: number, { type, row }: Noteable): Todo[] {
  return world.todos.filter(
    (todo) =>
      todo.state === 'pending' && todo.personId === personId && todo.targetType === type && todo.targetId === row.id,
  )
}

function add(
  { world, person }: Deed,
  project: Project,
  { type, row }: Noteable,
  personId: number,
  action: TodoAction,
  noteId: number | null,
): void {
  const time = now()
  const place = { projectId: project.id, targetType: type, targetId: row.id, noteId }
  const fields = { personId, authorId: person.id, action, state: 'pending', createdAt: time, updatedAt: time } as const
  world.todos.insert({ ...place, ...fields })
}

function named(world: World, name: string): Person | undefined {
  return world.people.find((person) => person.username.toLowerCase() === name.toLowerCase())
}

function mayRead(world: World, person: Person, project: Project, target: Noteable, note: Note | undefined): boolean {
  if (!canRead(world, person, project)) return false
  if (target.type === 'Issue' && !canReadIssue(world, person, project, target.row)) return false
  return note?.internal !== true || canReadInternal(world, person, project)
}
