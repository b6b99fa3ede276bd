import { advance, type Fact } from '../../src/tasks/advance.ts'
import type { GitLabThread, Task } from '../../src/tasks/task.ts'

/** Minute 0 of every table. */
export const T0 = Date.UTC(2026, 10, 22, 9, 0, 0)

export const THREAD: GitLabThread = {
  projectId: 42,
  on: 'issue',
  iid: 7,
  discussion: 'd7',
  note: 1337,
  internal: false,
}

const QUEUED: Task = {
  kind: 'task',
  id: '42-n1337',
  thread: THREAD,
  repository: 'demo/shop',
  occasion: 'note',
  askedAt: T0,
  asker: { id: 5, username: 'dora', name: 'Dora Developer' },
  prompt: 'fix the typo in the README',
  about: 'The README has a typo',
  branch: 'agent/42-n1337',
  base: 'main',
  defaultBranch: 'main',
  agent: 'claude',
  mode: 'do',
  first: '42-n1337',
  createdAt: T0,
  state: 'queued',
  since: T0,
  attempt: 0,
  attemptAt: T0,
  launched: false,
  reacted: true,
  cleaned: false,
}

/** What is different of a task that was asked for on the page. */
export const ON_PAGE: Partial<Task> = {
  id: '42-w0123456789abcdef',
  first: '42-w0123456789abcdef',
  branch: 'agent/42-w0123456789abcdef',
  occasion: 'page',
  thread: { projectId: 42, on: 'page', iid: 0, internal: false },
  onPage: true,
  asking: 'c0ffee',
}

export function aTask(changes: Partial<Task> = {}): Task {
  return { ...QUEUED, ...changes }
}

/** The task after these facts, a second apart. */
export function after(task: Task, ...facts: readonly Fact[]): Task {
  return facts.reduce((made, fact, index) => advance(made, fact, T0 + (index + 1) * 1000), task)
}

export const PUSHED = {
  branch: 'agent/42-n1337',
  commit: 'c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00',
  commits: 1,
  files: [
    { path: 'README.md', added: 1, removed: 1 },
    { path: 'src/a.ts', added: 9, removed: 0 },
  ],
}
