import { z } from 'zod'
import { canRead, canReadIssue, findProject, role, roles } from './access.ts'
import { type Activity, activityActions } from './activity.ts'
import type { Answer, Call, Routes } from './call.ts'
import type { Note, Project } from './entities.ts'
import { findNoteable } from './noteables.ts'
import { canSee } from './notes.ts'
import { noteView } from './noteView.ts'
import { paginated } from './pagination.ts'
import type { Noteable } from './payloads.ts'
import { findPerson, personViewById } from './people.ts'

const Filters = z.object({
  action: z.enum(activityActions).optional(),
  target_type: z.enum(['issue', 'merge_request', 'note', 'milestone', 'project', 'snippet', 'user']).optional(),
  before: z.iso.date().optional(),
  after: z.iso.date().optional(),
  sort: z.enum(['asc', 'desc']).default('desc'),
  scope: z.string().optional(),
})

/** Contribution events: of a project, of oneself (or, with `scope=all`, of all one's projects), of somebody. */
export function eventRoutes(on: Routes): void {
  on('get', '/projects/:id/events', (call) => {
    const project = findProject(call)
    return listed(call, (event) => event.projectId === project.id)
  })
  on('get', '/events', (call) => {
    const { world, person } = call.deed()
    const { scope } = call.input(Filters)
    return listed(call, (event) => {
      const project = world.projects.get(event.projectId)
      if (scope !== 'all') return event.personId === person.id
      return project !== undefined && role(world, person, project) > roles.none
    })
  })
  on('get', '/users/:id/events', (call) => {
    const person = findPerson(call)
    return listed(call, (event) => event.personId === person.id)
  })
}

/** `before` and `after` are days, and exclude the day they name. What the visitor may not see leaves a gap in the page. */
function listed(call: Call, mine: (event: Activity) => boolean): Answer {
  const { action, target_type, before, after, sort } = call.input(Filters)
  const kinds = { issue: 'Issue', merge_request: 'MergeRequest', note: 'Note' } as const
  const kind =
    target_type === undefined ? undefined : target_type in kinds ? kinds[target_type as keyof typeof kinds] : ''
  const found = call.world.activities.filter(
    (event) =>
      mine(event) &&
      (action ?? event.action) === event.action &&
      (kind === undefined || event.targetType === kind) &&
      (before === undefined || event.createdAt.slice(0, 10) < before) &&
      (after === undefined || event.createdAt.slice(0, 10) > after),
  )
  return paginated(call, sort === 'asc' ? found : found.reverse(), (event) => view(call, event))
}

const words = {
  created: 'opened',
  closed: 'closed',
  reopened: 'reopened',
  merged: 'accepted',
  commented: 'commented on',
  pushed: 'pushed to',
} as const

function view(call: Call, event: Activity) {
  const { world } = call
  const project = world.projects.get(event.projectId)
  if (project === undefined || !canRead(world, call.visitor, project)) return undefined
  const common = {
    id: event.id,
    project_id: event.projectId,
    action_name: event.push !== null && /^0+$/.test(event.push.before) ? 'pushed new' : words[event.action],
    author_id: event.personId,
    author: personViewById(world, event.personId),
    author_username: world.people.get(event.personId)?.username ?? null,
    created_at: event.createdAt,
    imported: false,
    imported_from: 'none',
  }
  if (event.targetType === null) {
    return {
      ...common,
      target_id: null,
      target_iid: null,
      target_type: null,
      target_title: null,
      push_data: push(event),
    }
  }
  const note = event.targetType === 'Note' ? world.notes.get(event.targetId ?? 0) : undefined
  if (event.targetType === 'Note' && note === undefined) return undefined
  const thing = thingOf(call, event, note)
  if (thing === undefined || !visible(call, project, thing, note)) return undefined
  return {
    ...common,
    target_id: event.targetId,
    // Of a comment it is the note's id again, as in the documentation's example.
    target_iid: note?.id ?? thing.row.iid,
    // The documentation shows Note alone; servers give DiscussionNote and DiffNote too [not verified here].
    target_type: note === undefined ? event.targetType : (note.type ?? 'Note'),
    target_title: thing.row.title,
    ...(note === undefined ? {} : { note: noteView(world, note, thing) }),
  }
}

function thingOf({ world }: Call, event: Activity, note: Note | undefined): Noteable | undefined {
  if (note !== undefined) return findNoteable(world, note.noteableType, note.noteableId)
  if (event.targetType === 'Issue' || event.targetType === 'MergeRequest') {
    return findNoteable(world, event.targetType, event.targetId ?? 0)
  }
  return undefined
}

function visible(call: Call, project: Project, thing: Noteable, note: Note | undefined): boolean {
  const { world, visitor } = call
  if (thing.type === 'Issue' && !canReadIssue(world, visitor, project, thing.row)) return false
  return note === undefined || canSee(call, project, note)
}

function push({ push }: Activity) {
  if (push === null) return null
  const gone = (sha: string) => (/^0+$/.test(sha) ? null : sha)
  return {
    commit_count: push.commitCount,
    action: gone(push.before) === null ? 'created' : gone(push.after) === null ? 'removed' : 'pushed',
    ref_type: push.ref.startsWith('refs/tags/') ? 'tag' : 'branch',
    commit_from: gone(push.before),
    commit_to: gone(push.after),
    ref: push.ref.replace(/^refs\/(heads|tags)\//, ''),
  }
}
