import { z } from 'zod'
import type { Issue, MergeRequest } from './entities.ts'
import { Ids, Names, Whole } from './fields.ts'
import { labelNames } from './labels.ts'
import type { World } from './world.ts'

/** The filters that lists of issues and of merge requests share. */
export const Listing = z.object({
  state: z.enum(['opened', 'closed', 'merged', 'locked', 'all']).default('all'),
  labels: Names.optional(),
  search: z.string().optional(),
  iids: Ids.optional(),
  author_id: Whole.optional(),
  author_username: z.string().optional(),
  assignee_id: Whole.optional(),
  created_after: z.string().optional(),
  updated_after: z.string().optional(),
  order_by: z.enum(['created_at', 'updated_at']).default('created_at'),
  sort: z.enum(['asc', 'desc']).default('desc'),
})

/** What matches, in the order asked for: newest first unless said otherwise. */
export function listed<T extends Issue | MergeRequest>(
  world: World,
  things: readonly T[],
  filters: z.infer<typeof Listing>,
): T[] {
  const search = filters.search?.toLowerCase()
  const author = filters.author_username
  const after = (time: string, limit: string | undefined) => limit === undefined || new Date(time) > new Date(limit)
  const found = things.filter(
    (thing) =>
      (filters.state === 'all' || thing.state === filters.state) &&
      (filters.labels ?? []).every((label) => labelNames(world, thing.labelIds).includes(label)) &&
      (filters.iids?.includes(thing.iid) ?? true) &&
      (filters.author_id ?? thing.authorId) === thing.authorId &&
      (author === undefined || world.people.get(thing.authorId)?.username === author) &&
      (filters.assignee_id === undefined || thing.assigneeIds.includes(filters.assignee_id)) &&
      (search === undefined || `${thing.title}\n${thing.description ?? ''}`.toLowerCase().includes(search)) &&
      after(thing.createdAt, filters.created_after) &&
      after(thing.updatedAt, filters.updated_after),
  )
  const time = (thing: T) => (filters.order_by === 'created_at' ? thing.createdAt : thing.updatedAt)
  found.sort((one, other) => (time(one) < time(other) ? -1 : time(one) > time(other) ? 1 : one.id - other.id))
  return filters.sort === 'asc' ? found : found.reverse()
}
