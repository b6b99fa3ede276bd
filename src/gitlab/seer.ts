/** Who sees what: decided by what GitLab says now, asked with the bot's token. What it says is kept for a minute. */

import type { Person, Task } from '../tasks/task.ts'
import { type GitLab, goneIfRefused } from './client.ts'
import { shortMemory } from './shortMemory.ts'

export type Seer = ReturnType<typeof createSeer>

export type SeerSettings = {
  /** GitLab's number of the least role that may ask. */
  readonly role: number
  /** Whether who may be external for all that is known counts as external: GitLab tells it to administrators only. */
  readonly wary: boolean
  /** Milliseconds for which an answer is kept. */
  readonly kept: number
}

type Seen = {
  readonly id: number
  readonly path: string
  readonly defaultBranch: string | null
  readonly visibility: string
  readonly archived: boolean
  /** Who sees the project sees its code, issues and merge requests too. */
  readonly open: boolean
}

const GUEST = 10
const REPORTER = 20
const MAINTAINER = 40

/** Projects that a search answers at most, and those that it looks through for them. */
const FOUND = 20
const LOOKED_THROUGH = 300
const AT_ONCE = 10

const PEOPLE = 10_000

/** Every function throws when GitLab is away: then nobody knows, and nothing is shown. */
export function createSeer(gitlab: GitLab, { role, wary, kept }: SeerSettings) {
  const projects = shortMemory<Seen | 'gone'>(kept, 5000)
  const levels = shortMemory<number>(kept, 50_000)
  const names = shortMemory<Person | 'unknown'>(kept, 10)
  const people = shortMemory<{ active: boolean; external: boolean | undefined }>(kept, PEOPLE)

  const told = new Map<number, boolean>()
  const project = (id: number) => projects(String(id), () => findProject(gitlab, id))
  const level = (person: Person, id: number) => levels(`${id}:${person.id}`, () => levelOf(gitlab, person, id))
  const account = (id: number) => people(String(id), () => findAccount(gitlab, id))

  /** Their role where they are no member is 0; undefined of who does not see the project. */
  async function standing(person: Person, projectId: number): Promise<{ seen: Seen; level: number } | undefined> {
    const [seen, own, { active, external }] = await Promise.all([
      project(projectId),
      level(person, projectId),
      account(person.id),
    ])
    if (seen === 'gone' || !active) return undefined
    if (own >= GUEST || seen.visibility === 'public') return { seen, level: own }
    const isExternal = external ?? told.get(person.id) ?? wary
    return seen.visibility === 'internal' && !isExternal ? { seen, level: own } : undefined
  }

  async function mayAsk(person: Person, projectId: number): Promise<boolean> {
    const found = await standing(person, projectId)
    return found !== undefined && !found.seen.archived && found.level >= role
  }

  return {
    mayAsk,
    /** What is offered to somebody; whoever does it is asked about anew. */
    isMaintainer: async (person: Person, projectId: number): Promise<boolean> =>
      ((await standing(person, projectId))?.level ?? 0) >= MAINTAINER,
    /** What somebody's own token says of them: the bot's says it only where the bot is an administrator. */
    rememberExternal: (personId: number, external: boolean): void => {
      told.delete(personId)
      told.set(personId, external)
      const [oldest] = told.keys()
      if (told.size > PEOPLE && oldest !== undefined) told.delete(oldest)
    },
    /** Who has this user name. */
    personNamed: (username: string) => names(username.toLowerCase(), () => findNamed(gitlab, username)),
    /** Whether the account is one that may use GitLab now. */
    isActive: async (personId: number): Promise<boolean> => (await account(personId)).active,
    /** A project's tasks, by name and state: seen by whoever sees the project. */
    maySee: async (person: Person, projectId: number): Promise<boolean> =>
      (await standing(person, projectId)) !== undefined,
    /**
     * A task's prompt, log and answer: by who asked, and from Reporter on; by everybody who sees the project only where the request
     * can be read by as many, and the code that a log shows too.
     */
    mayRead: async (person: Person, { thread, asker, discreet }: Pick<Task, 'thread' | 'asker' | 'discreet'>) => {
      const found = await standing(person, thread.projectId)
      if (found === undefined) return false
      if (asker.id === person.id || found.level >= REPORTER) return true
      return found.seen.open && discreet !== true && !thread.internal
    },
    /** The projects that the bot is a member of, and this person may ask in; those that were touched last first. */
    projectsOf: async (person: Person, search: string) => {
      const found: { id: number; path: string; defaultBranch: string | null }[] = []
      for (const some of chunks(await ourProjects(gitlab, search), AT_ONCE)) {
        const may = await Promise.all(some.map(({ id }) => mayAsk(person, id)))
        found.push(...some.filter((_, index) => may[index] === true))
        if (found.length >= FOUND) break
      }
      return found.slice(0, FOUND)
    },
  }
}

async function findProject(gitlab: GitLab, id: number): Promise<Seen | 'gone'> {
  const project = await goneIfRefused(gitlab.projects.show(id))
  if (project === 'gone') return 'gone'
  const { visibility, repository_access_level, issues_access_level, merge_requests_access_level } = project
  const features = [repository_access_level, issues_access_level, merge_requests_access_level]
  return {
    ...nameOf(project),
    visibility,
    archived: project.archived === true,
    open: visibility !== 'private' && !features.includes('private'),
  }
}

async function levelOf(gitlab: GitLab, person: Person, projectId: number): Promise<number> {
  const member = await goneIfRefused(gitlab.members.show(projectId, person.id, { includeInherited: true }))
  return member === 'gone' || member.state !== 'active' ? 0 : Number(member.access_level)
}

async function findAccount(gitlab: GitLab, id: number): Promise<{ active: boolean; external: boolean | undefined }> {
  const user = await goneIfRefused(gitlab.users.show(id))
  if (user === 'gone') return { active: false, external: undefined }
  return { active: user.state === 'active', external: typeof user.external === 'boolean' ? user.external : undefined }
}

async function findNamed(gitlab: GitLab, wanted: string): Promise<Person | 'unknown'> {
  const [found] = await gitlab.users.all({ username: wanted, maxPages: 1, perPage: 1 })
  if (found === undefined) return 'unknown'
  return { id: found.id, username: found.username, name: found.name }
}

/** GitLab takes a search of one or two letters for a whole name, so those are looked for here. */
async function ourProjects(gitlab: GitLab, search: string) {
  const text = search.trim().toLowerCase()
  const projects = await gitlab.projects.all({
    membership: true,
    archived: false,
    orderBy: 'last_activity_at',
    pagination: 'offset',
    perPage: 100,
    maxPages: LOOKED_THROUGH / 100,
    ...(text.length < 3 ? {} : { search: text, searchNamespaces: true }),
  })
  return projects.map(nameOf).filter(({ path }) => text.length >= 3 || path.toLowerCase().includes(text))
}

function nameOf(project: { id: number; path_with_namespace: string; default_branch?: string | null }) {
  return { id: project.id, path: project.path_with_namespace, defaultBranch: project.default_branch || null }
}

function chunks<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, index) => all.slice(index * size, (index + 1) * size))
}
