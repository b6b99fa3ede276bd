import { z } from 'zod'
import type { Issue, MergeRequest, Person } from './entities.ts'
import { Ids, Names, Whole } from './fields.ts'
import { labelNames } from './labels.ts'
import type { World } from './world.ts'

const Scope = z.enum(['created_by_me', 'assigned_to_me', 'all'])

/** Whose things a list shows. */
export type Scope = z.infer<typeof Scope>

/** The filters that lists of issues and of merge requests share. */
export const Listing = z.object({
  state: z.enum(['opened', 'closed', 'merged', 'locked', 'all']).default('all'),
  scope: Scope.optional(),
  labels: Names.optional(),
  search: z.string().optional(),
  iids: Ids.optional(),
  author_id: Whole.optional(),
  author_username: z.string().optional(),
  assignee_id: Whole.optional(),
  assignee_username: z.union([z.string(), z.array(z.string())]).optional(),
  created_after: z.string().optional(),
  created_before: z.string().optional(),
  updated_after: z.string().optional(),
  updated_before: z.string().optional(),
  order_by: z.enum(['created_at', 'updated_at']).default('created_at'),
  sort: z.enum(['asc', 'desc']).default('desc'),
})

/** What matches, in the order asked for: newest first unless said otherwise. Limits of time include the moment itself. */
export function listed<T extends Issue | MergeRequest>(
  world: World,
  things: readonly T[],
  filters: z.infer<typeof Listing>,
): T[] {
  const search = filters.search?.toLowerCase()
  const author = filters.author_username
  const assignees = [filters.assignee_username ?? []].flat()
  const names = (ids: readonly number[]) => ids.map((id) => world.people.get(id)?.username)
  const found = things.filter(
    (thing) =>
      (filters.state === 'all' || thing.state === filters.state) &&
      (filters.labels ?? []).every((label) => labelNames(world, thing.labelIds).includes(label)) &&
      (filters.iids?.includes(thing.iid) ?? true) &&
      (filters.author_id ?? thing.authorId) === thing.authorId &&
      (author === undefined || world.people.get(thing.authorId)?.username === author) &&
      (filters.assignee_id === undefined || thing.assigneeIds.includes(filters.assignee_id)) &&
      assignees.every((name) => names(thing.assigneeIds).includes(name)) &&
      (search === undefined || `${thing.title}\n${thing.description ?? ''}`.toLowerCase().includes(search)) &&
      within(thing.createdAt, filters.created_after, filters.created_before) &&
      within(thing.updatedAt, filters.updated_after, filters.updated_before),
  )
  const time = (thing: T) => (filters.order_by === 'created_at' ? thing.createdAt : thing.updatedAt)
  found.sort((one, other) => (time(one) < time(other) ? -1 : time(one) > time(other) ? 1 : one.id - other.id))
  return filters.sort === 'asc' ? found : found.reverse()
}

/** Whether something belongs to the scope of a list; everything of `all` that may be read does. */
export function inScope(person: Person | undefined, thing: Issue | MergeRequest, scope: Scope): boolean {
  switch (scope) {
    case 'all':
      return true
    case 'created_by_me':
      return thing.authorId === person?.id
    case 'assigned_to_me':
      return person !== undefined && thing.assigneeIds.includes(person.id)
  }
}

function within(time: string, after: string | undefined, before: string | undefined): boolean {
  const moment = Date.parse(time)
  return (after === undefined || moment >= Date.parse(after)) && (before === undefined || moment <= Date.parse(before))
}
