import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Activity } from './activity.ts'
import type { Application } from './applications.ts'
import type { DiffVersion } from './diffVersions.ts'
import type { DraftNote } from './draftNotes.ts'
import type {
  Award,
  Issue,
  Label,
  LabelEvent,
  Member,
  MergeRequest,
  Note,
  Person,
  Project,
  ProtectedBranch,
  Token,
} from './entities.ts'
import type { Faults } from './faults.ts'
import type { Git } from './git.ts'
import type { Group, GroupMember } from './groupRows.ts'
import type { Hook, HookEvent, HookFlag } from './hookRows.ts'
import type { IssueLink } from './issueLinks.ts'
import { openJournal } from './journal.ts'
import type { Job, Pipeline } from './pipelineRows.ts'
import { type RateLimits, rateLimits } from './rateLimits.ts'
import type { StateEvent } from './stateEvents.ts'
import { openTable, type Table } from './table.ts'
import type { Todo } from './todoRules.ts'

/** Everything that the sandbox knows. */
export type World = {
  /** The sandbox's own address, without a slash at the end. Known once it listens. */
  url: string
  readonly data: string
  readonly git: Git
  readonly faults: Faults
  readonly limits: RateLimits
  readonly people: Table<Person>
  readonly tokens: Table<Token>
  readonly applications: Table<Application>
  readonly groups: Table<Group>
  readonly groupMembers: Table<GroupMember>
  readonly projects: Table<Project>
  readonly members: Table<Member>
  readonly labels: Table<Label>
  readonly issues: Table<Issue>
  readonly issueLinks: Table<IssueLink>
  readonly mergeRequests: Table<MergeRequest>
  readonly diffVersions: Table<DiffVersion>
  readonly notes: Table<Note>
  readonly draftNotes: Table<DraftNote>
  readonly awards: Table<Award>
  readonly labelEvents: Table<LabelEvent>
  readonly stateEvents: Table<StateEvent>
  readonly todos: Table<Todo>
  readonly activities: Table<Activity>
  readonly pipelines: Table<Pipeline>
  readonly jobs: Table<Job>
  readonly protectedBranches: Table<ProtectedBranch>
  readonly hooks: Table<Hook>
  readonly hookEvents: Table<HookEvent>
  /** How much has changed since the start: where it is the same, everything is. */
  changes(): number
  /** Makes all changes so far survive a kill. */
  flush(): void
  close(): void
}

/** Somebody doing something, and what the webhooks shall be told of it after the answer. */
export type Deed = {
  readonly world: World
  readonly person: Person
  tell(flag: HookFlag, project: Project, payload: object): void
}

/** Opens the world kept in a folder, which is made if there is none. */
export function openWorld(data: string, git: Git, faults: Faults): World {
  mkdirSync(join(data, 'repositories'), { recursive: true })
  const journal = openJournal(join(data, 'journal.jsonl'))
  return {
    url: '',
    data,
    git,
    faults,
    limits: rateLimits(),
    people: openTable('people', journal),
    tokens: openTable('tokens', journal),
    applications: openTable('applications', journal),
    groups: openTable('groups', journal),
    groupMembers: openTable('groupMembers', journal),
    projects: openTable('projects', journal),
    members: openTable('members', journal),
    labels: openTable('labels', journal),
    // Not the same as the numbers within a project, so that whoever mixes them up finds out.
    issues: openTable('issues', journal, 501),
    issueLinks: openTable('issueLinks', journal),
    mergeRequests: openTable('mergeRequests', journal, 301),
    diffVersions: openTable('diffVersions', journal, 401),
    notes: openTable('notes', journal, 1301),
    draftNotes: openTable('draftNotes', journal),
    awards: openTable('awards', journal),
    labelEvents: openTable('labelEvents', journal, 901),
    stateEvents: openTable('stateEvents', journal, 701),
    todos: openTable('todos', journal),
    activities: openTable('activities', journal),
    pipelines: openTable('pipelines', journal, 5101),
    jobs: openTable('jobs', journal, 8001),
    protectedBranches: openTable('protectedBranches', journal),
    hooks: openTable('hooks', journal),
    hookEvents: openTable('hookEvents', journal),
    changes: journal.written,
    flush: journal.flush,
    close: journal.close,
  }
}

/** The moment, as everything here writes it down. */
export function now(): string {
  return new Date().toISOString()
}
