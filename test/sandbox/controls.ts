import type { Reply } from './startedSandbox.ts'

/** Calls what GitLab does not have: the sandbox's own controls. */
export async function steer(url: string, method: string, path: string, body?: unknown): Promise<Reply> {
  const headers = body === undefined ? {} : { 'content-type': 'application/json' }
  const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }
  const response = await fetch(`${url}/-/sandbox${path}`, init)
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, body: text === '' ? undefined : JSON.parse(text) }
}
