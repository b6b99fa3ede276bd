import { z } from 'zod'
import { fullPath } from './access.ts'
import { type Call, created, gone, type Routes } from './call.ts'
import { Whole } from './fields.ts'
import { groupNamed, isBelow } from './groupTree.ts'
import { issueView } from './issueView.ts'
import { mergeRequestView } from './mergeRequestView.ts'
import { findNoteable } from './noteables.ts'
import { paginated } from './pagination.ts'
import { noteableUrl } from './payloads.ts'
import { personViewById } from './people.ts'
import { notFound } from './refusal.ts'
import { finishTodo, type Todo } from './todoRules.ts'

const Filters = z.object({
  state: z.enum(['pending', 'done']).default('pending'),
  action: z.string().optional(),
  type: z.string().optional(),
  author_id: Whole.optional(),
  project_id: Whole.optional(),
  group_id: Whole.optional(),
})

/** One's own to-do list: list (newest first, pending ones unless said otherwise), mark as done. */
export function todoRoutes(on: Routes): void {
  on('get', '/todos', (call) => paginated(call, mine(call).reverse(), (todo) => view(call, todo)))
  on('post', '/todos/mark_as_done', (call) => {
    for (const todo of mine(call)) finishTodo(call.world, todo)
    return gone
  })
  on('post', '/todos/:id/mark_as_done', (call) => {
    const { world, person } = call.deed()
    const todo = world.todos.get(Number(call.param('id')))
    if (todo === undefined || todo.personId !== person.id) throw notFound()
    return created(view(call, finishTodo(world, todo)))
  })
}

function mine(call: Call): Todo[] {
  const { world, person } = call.deed()
  const { state, action, type, author_id, project_id, group_id } = call.input(Filters)
  const group = group_id === undefined ? undefined : groupNamed(world, String(group_id))
  return world.todos.filter((todo) => {
    const namespace = world.projects.get(todo.projectId)?.namespace ?? ''
    return (
      todo.personId === person.id &&
      todo.state === state &&
      (action ?? todo.action) === todo.action &&
      (type ?? todo.targetType) === todo.targetType &&
      (author_id ?? todo.authorId) === todo.authorId &&
      (project_id ?? todo.projectId) === todo.projectId &&
      (group_id === undefined || (group !== undefined && isBelow(namespace, group)))
    )
  })
}

function view({ world, visitor }: Call, todo: Todo) {
  const project = world.projects.get(todo.projectId)
  const target = findNoteable(world, todo.targetType, todo.targetId)
  if (project === undefined || target === undefined) return undefined
  const note = todo.noteId === null ? undefined : world.notes.get(todo.noteId)
  const page = noteableUrl(world, project, target)
  return {
    id: todo.id,
    project: {
      id: project.id,
      description: project.description,
      name: project.name,
      name_with_namespace: `${project.namespace.replaceAll('/', ' / ')} / ${project.name}`,
      path: project.path,
      path_with_namespace: fullPath(project),
      created_at: project.createdAt,
    },
    author: personViewById(world, todo.authorId),
    action_name: todo.action,
    target_type: todo.targetType,
    target:
      target.type === 'Issue'
        ? issueView(world, project, target.row)
        : mergeRequestView(world, visitor, project, target.row),
    target_url: note === undefined ? page : `${page}#note_${note.id}`,
    body: note?.body ?? target.row.title,
    state: todo.state,
    created_at: todo.createdAt,
    updated_at: todo.updatedAt,
  }
}
