import { useRef, useState } from 'react'
import type { TaskView } from '../../http/taskView.ts'
import { newKey, postJson, wordsFor } from '../api.ts'
import { bodyOf, type Draft, type Field, type FieldErrors, forgetDraft } from './draft.ts'

const FIELDS: readonly Field[] = ['repository', 'prompt', 'branch', 'agent', 'model', 'budget']

type Outcome = { readonly errors: FieldErrors; readonly other: string | undefined; readonly away: boolean }

/** Sends the draft once, however often it is pressed: the same words go under the same key. */
export function useSubmit(done: (task: TaskView) => void) {
  const [sending, setSending] = useState(false)
  const key = useRef({ body: '', key: '' })

  async function submit(draft: Draft): Promise<Outcome | undefined> {
    if (sending) return undefined
    const body = bodyOf(draft)
    const text = JSON.stringify(body)
    if (key.current.body !== text) key.current = { body: text, key: newKey() }
    setSending(true)
    const answer = await postJson<TaskView>('/api/tasks', body, key.current.key)
    setSending(false)
    if (answer.is === 'ok') {
      forgetDraft(draft)
      done(answer.value)
      return undefined
    }
    const told = answer.is === 'problem' ? (answer.problem.errors ?? []) : []
    const errors: FieldErrors = {}
    const rest: string[] = []
    for (const { field, message } of told) {
      const name = FIELDS.find((one) => one === field)
      if (name === undefined) rest.push(message)
      else errors[name] = message
    }
    return {
      errors,
      other: told.length > 0 && rest.length === 0 ? undefined : [wordsFor(answer), ...rest].join(' '),
      away: answer.is === 'away',
    }
  }
  return { sending, submit }
}
