/** Talking to Errand: JSON in and out, and what went wrong as a value with words for a person. */

import type { Problem } from '../http/taskView.ts'
import { heardTime } from './clock.ts'

/** `away`: no answer at all, or one of something between us and Errand. */
export type Answer<T> =
  | { readonly is: 'ok'; readonly value: T }
  | { readonly is: 'problem'; readonly problem: Problem }
  | { readonly is: 'away'; readonly detail: string }

const AWAY = 'Errand does not answer. Is the network there, and the server up?'

let unauthorized = () => {}

/** Who is told when the server no longer knows who we are. */
export function onUnauthorized(listener: () => void): void {
  unauthorized = listener
}

export async function getJson<T>(path: string, signal?: AbortSignal): Promise<Answer<T>> {
  return ask<T>(path, signal === undefined ? {} : { signal })
}

/** `key`: the same key asks for the same thing once, however often it is sent. */
export async function postJson<T>(path: string, body: unknown, key?: string): Promise<Answer<T>> {
  return ask<T>(path, {
    method: 'POST',
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
}

/** A key nobody else has; `crypto.randomUUID` is missing where the page comes over plain http. */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

async function ask<T>(path: string, init: RequestInit): Promise<Answer<T>> {
  const headers = { accept: 'application/json', ...init.headers }
  const response = await fetch(path, { ...init, headers }).catch(() => undefined)
  if (response === undefined) return { is: 'away', detail: AWAY }
  heardTime(response.headers.get('date'))
  const type = response.headers.get('content-type') ?? ''
  const value: unknown = type.includes('json') ? await response.json().catch(() => undefined) : undefined
  if (response.status === 401 && path !== '/api/me') unauthorized()
  if (response.ok)
    return [202, 204].includes(response.status) || value !== undefined
      ? { is: 'ok', value: value as T }
      : strange(response)
  if (type.includes('problem+json') && value !== undefined) return { is: 'problem', problem: value as Problem }
  return strange(response)
}

function strange({ status }: Response): Answer<never> {
  return { is: 'away', detail: `Errand cannot answer now (HTTP ${status}). Try again in a moment.` }
}

/** What to tell of an answer that is not the one we wanted. */
export function wordsFor(answer: Exclude<Answer<unknown>, { is: 'ok' }>): string {
  return answer.is === 'away' ? answer.detail : answer.problem.detail || answer.problem.title
}
