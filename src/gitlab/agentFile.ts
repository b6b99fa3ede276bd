/** `.gitlab/agent.yml` of a project's default branch, asked for at most so often. */

import type { GitLab } from './client.ts'
import { LARGEST, PROJECT_FILE, type ProjectFile, parseProjectFile } from './projectFile.ts'
import { readRaw } from './rawFile.ts'

/** Milliseconds: a review is many comments at once, and who has just changed the file asks again at once. */
const KEPT = 10_000

/** The file of a project, by its id; undefined where it has none. GitLab away is thrown, and asked again the next time. */
export type AgentFiles = (projectId: number) => Promise<ProjectFile | undefined>

export function createAgentFiles(gitlab: Pick<GitLab, 'call'>, now: () => number = Date.now): AgentFiles {
  /** In the order in which they were asked for. */
  const kept = new Map<number, { readonly at: number; readonly file: Promise<ProjectFile | undefined> }>()

  async function read(projectId: number): Promise<ProjectFile | undefined> {
    const text = await readRaw(gitlab, projectId, PROJECT_FILE, LARGEST + 1)
    return text === undefined ? undefined : parseProjectFile(text)
  }

  return (projectId) => {
    for (const [id, { at }] of kept) {
      if (now() - at < KEPT) break
      kept.delete(id)
    }
    const known = kept.get(projectId)
    if (known !== undefined) return known.file
    const file = read(projectId)
    kept.set(projectId, { at: now(), file })
    file.catch(() => {
      if (kept.get(projectId)?.file === file) kept.delete(projectId)
    })
    return file
  }
}
