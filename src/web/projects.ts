/** Projects and branches, searched as somebody types. */

import type { ProjectName } from '../http/taskView.ts'
import { getJson } from './api.ts'
import type { Found } from './combobox.tsx'

export async function findProjects(text: string, signal: AbortSignal): Promise<Found> {
  const answer = await getJson<{ projects: readonly ProjectName[] }>(`/api/projects?${search(text)}`, signal)
  return answer.is === 'ok' ? { options: answer.value.projects.map(({ path }) => path) } : { failed: true }
}

export function findBranches(project: number): (text: string, signal: AbortSignal) => Promise<Found> {
  return async (text, signal) => {
    const answer = await getJson<{ branches: readonly string[] }>(
      `/api/projects/${project}/branches?${search(text)}`,
      signal,
    )
    return answer.is === 'ok' ? { options: answer.value.branches } : { failed: true }
  }
}

function search(text: string): string {
  return new URLSearchParams({ search: text.trim() }).toString()
}
