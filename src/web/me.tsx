/** Who uses the page, and how people log in here. */

import { createContext, type ReactNode, useCallback, useContext, useEffect, useState } from 'react'
import type { MeView } from '../http/taskView.ts'
import { type Answer, getJson, onUnauthorized } from './api.ts'

type Known = { readonly answer: Answer<MeView> | undefined; readonly ask: () => void }

const Me = createContext<Known>({ answer: undefined, ask: () => {} })

export function MeProvider({ children }: { children: ReactNode }) {
  const [answer, setAnswer] = useState<Answer<MeView>>()
  const ask = useCallback(() => {
    void getJson<MeView>('/api/me').then(setAnswer)
  }, [])
  useEffect(() => {
    onUnauthorized(ask)
    ask()
  }, [ask])
  return <Me value={{ answer, ask }}>{children}</Me>
}

export function useMeAnswer(): Known {
  return useContext(Me)
}

/** Undefined until it is known. */
export function useMe(): MeView | undefined {
  const { answer } = useContext(Me)
  return answer?.is === 'ok' ? answer.value : undefined
}
