import { useEffect, useState } from 'react'
import type { ProjectName, ProjectView } from '../../http/taskView.ts'
import { getJson } from '../api.ts'

/** How work is done in the project of this path; `unknown` where this person may not ask there, or it is not there. */
export function useProject(path: string): ProjectView | 'unknown' | undefined {
  const [found, setFound] = useState<{ path: string; project: ProjectView | 'unknown' }>()
  useEffect(() => {
    if (path === '') return
    const end = new AbortController()
    const look = async () => {
      const query = new URLSearchParams({ search: path })
      const named = await getJson<{ projects: readonly ProjectName[] }>(`/api/projects?${query}`, end.signal)
      if (named.is !== 'ok') return
      const id = named.value.projects.find((project) => project.path === path)?.id
      const answer = id === undefined ? undefined : await getJson<ProjectView>(`/api/projects/${id}`, end.signal)
      if (end.signal.aborted || answer?.is === 'away') return
      setFound({ path, project: answer?.is === 'ok' ? answer.value : 'unknown' })
    }
    void look()
    return () => end.abort()
  }, [path])
  return found?.path === path ? found.project : undefined
}
