import { useCallback, useEffect, useState } from 'react'
import type { ProjectName, ProjectView } from '../../http/taskView.ts'
import { type Answer, getJson, wordsFor } from '../api.ts'

/** Milliseconds after the last key, and after an attempt that failed. */
const TYPING = 200
const AGAIN = 3000

type Looked = {
  /** Undefined as long as nobody knows, and where a search does not show it: the server judges what is sent. */
  readonly project: ProjectView | undefined
  /** Words for why nobody knows; it is tried again by itself. */
  readonly failed: string | undefined
  again(): void
}

/** How work is done in the project of this path. */
export function useProject(path: string): Looked {
  const [found, setFound] = useState<{ path: string; answer: Answer<ProjectView | undefined> }>()
  const [attempt, setAttempt] = useState(0)
  const again = useCallback(() => setAttempt((count) => count + 1), [])
  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt looks for the same once more
  useEffect(() => {
    if (path === '') return
    const end = new AbortController()
    const look = async () => {
      const answer = await lookUp(path, end.signal)
      if (end.signal.aborted) return
      setFound({ path, answer })
      if (answer.is !== 'ok') timer = setTimeout(again, AGAIN)
    }
    let timer = setTimeout(() => void look(), TYPING)
    return () => {
      clearTimeout(timer)
      end.abort()
    }
  }, [path, attempt, again])
  const answer = found?.path === path ? found.answer : undefined
  return {
    project: answer?.is === 'ok' ? answer.value : undefined,
    failed: answer === undefined || answer.is === 'ok' ? undefined : wordsFor(answer),
    again,
  }
}

async function lookUp(path: string, signal: AbortSignal): Promise<Answer<ProjectView | undefined>> {
  const query = new URLSearchParams({ search: path })
  const named = await getJson<{ projects: readonly ProjectName[] }>(`/api/projects?${query}`, signal)
  if (named.is !== 'ok') return named
  const id = named.value.projects.find((project) => project.path === path)?.id
  return id === undefined ? { is: 'ok', value: undefined } : getJson<ProjectView>(`/api/projects/${id}`, signal)
}
