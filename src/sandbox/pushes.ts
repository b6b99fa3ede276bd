import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { recordPush } from './activity.ts'
import { recordVersion } from './diffVersions.ts'
import type { MergeRequest, Project } from './entities.ts'
import { pushedCommits } from './gitFacts.ts'
import { gitViewOf } from './mergeRequestGit.ts'
import { stamp } from './payloadParts.ts'
import { type PushedBranch, tellMergeRequest, tellPush } from './payloads.ts'
import { addSystemNote } from './systemNotes.ts'
import { type Deed, now, type World } from './world.ts'

/** GitLab sends no push hook at all for a push of more refs than this. */
const pushHookLimit = 3

/** What follows from branches having moved: the push hook, and merge requests with a new head or a moved target. */
export async function afterPush(deed: Deed, project: Project, updates: readonly PushedBranch[]): Promise<void> {
  for (const update of updates) {
    const { commits, total } = await pushedCommits(deed.world, project, update.before, update.after)
    recordPush(deed, project, update, total)
    if (updates.length <= pushHookLimit) tellPush(deed, project, update, commits, total)
    const branch = /^refs\/heads\/(.+)$/.exec(update.ref)?.[1]
    if (branch === undefined) continue
    const opened = deed.world.mergeRequests.filter((row) => row.projectId === project.id && row.state === 'opened')
    for (const row of opened) {
      if (row.sourceBranch === branch || row.targetBranch === branch) await refresh(deed, project, row)
    }
  }
}

async function refresh(deed: Deed, project: Project, row: MergeRequest): Promise<void> {
  const view = await gitViewOf(deed.world, project, row.sourceBranch, row.targetBranch)
  if (view === undefined) return
  const oldrev = row.diffRefs.head
  if (oldrev === view.diffRefs.head) {
    deed.world.mergeRequests.update(row.id, { conflicts: view.conflicts })
    return
  }
  const time = now()
  const after = deed.world.mergeRequests.update(row.id, { ...view, updatedAt: time })
  recordVersion(deed.world, after)
  const { total } = await pushedCommits(deed.world, project, oldrev, view.diffRefs.head)
  addSystemNote(deed, project, { type: 'MergeRequest', row: after }, `added ${total} commit${total === 1 ? '' : 's'}`)
  const changes = { updated_at: { previous: stamp(row.updatedAt), current: stamp(time) } }
  tellMergeRequest(deed, project, after, 'update', changes, oldrev)
}

/**
 * Where git leaves word of what was pushed: one file for each push, named `<project>-<person>-<anything>`, of lines
 * `<before> <after> <ref>`. It is there until it was dealt with, so that a kill in between loses nothing.
 */
export function pushesFolder(world: World): string {
  const folder = join(world.data, 'pushes')
  mkdirSync(folder, { recursive: true })
  return folder
}

/** Deals with one such file, if git wrote it. */
export async function takePush(deed: Deed, project: Project, file: string): Promise<void> {
  const updates = readUpdates(file)
  await afterPush(deed, project, updates)
  deed.world.flush()
  rmSync(file, { force: true })
}

function readUpdates(file: string): PushedBranch[] {
  try {
    const lines = readFileSync(file, 'utf8').split('\n')
    return lines.flatMap((line) => {
      const [before, after, ref] = line.split(' ')
      return before === undefined || after === undefined || ref === undefined ? [] : [{ before, after, ref }]
    })
  } catch (error) {
    // Nothing was pushed: git wrote no file.
    if (z.object({ code: z.literal('ENOENT') }).safeParse(error).success) return []
    throw error
  }
}

/** Brings merge requests up to date whose branch moved while nobody was told, because a kill came in between. */
export async function catchUp(world: World, tell: Deed['tell']): Promise<void> {
  for (const row of world.mergeRequests.filter((merge) => merge.state === 'opened')) {
    const project = world.projects.get(row.projectId)
    const person = world.people.get(row.authorId)
    if (project !== undefined && person !== undefined) await refresh({ world, person, tell }, project, row)
  }
  world.flush()
}

/** The pushes that a kill left behind, in no particular order. */
export function leftPushes(
  world: World,
): { readonly file: string; readonly projectId: number; readonly personId: number }[] {
  const folder = pushesFolder(world)
  return readdirSync(folder).map((name) => {
    const [projectId, personId] = name.split('-').map(Number)
    return { file: join(folder, name), projectId: projectId ?? 0, personId: personId ?? 0 }
  })
}
