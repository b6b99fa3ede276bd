import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
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
import type { Hook, HookEvent, HookFlag } from './hookRows.ts'
import { openJournal } from './journal.ts'
import { openTable, type Table } from './table.ts'

/** Everything that the sandbox knows. */
export type World = {
  /** The sandbox's own address, without a slash at the end. Known once it listens. */
  url: string
  readonly data: string
  readonly git: Git
  readonly faults: Faults
  readonly people: Table<Person>
  readonly tokens: Table<Token>
  readonly projects: Table<Project>
  readonly members: Table<Member>
  readonly labels: Table<Label>
  readonly issues: Table<Issue>
  readonly mergeRequests: Table<MergeRequest>
  readonly notes: Table<Note>
  readonly awards: Table<Award>
  readonly labelEvents: Table<LabelEvent>
  readonly protectedBranches: Table<ProtectedBranch>
  readonly hooks: Table<Hook>
  readonly hookEvents: Table<HookEvent>
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
    people: openTable('people', journal),
    tokens: openTable('tokens', journal),
    projects: openTable('projects', journal),
    members: openTable('members', journal),
    labels: openTable('labels', journal),
    // Not the same as the numbers within a project, so that whoever mixes them up finds out.
    issues: openTable('issues', journal, 501),
    mergeRequests: openTable('mergeRequests', journal, 301),
    notes: openTable('notes', journal, 1301),
    awards: openTable('awards', journal),
    labelEvents: openTable('labelEvents', journal),
    protectedBranches: openTable('protectedBranches', journal),
    hooks: openTable('hooks', journal),
    hookEvents: openTable('hookEvents', journal),
    flush: journal.flush,
    close: journal.close,
  }
}

/** The moment, as everything here writes it down. */
export function now(): string {
  return new Date().toISOString()
}
