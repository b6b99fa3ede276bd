import { z } from 'zod'

/** A page as a browser without scripts gets it. */
export type Seen = {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** Where a form led to. */
  readonly location: string | null
}

/** Opens pages of a sandbox and sends their forms, as one of its people. */
export function visitorAt(url: string, who = 'developer') {
  const cookie = `sandbox_person=${who}`
  const seen = async (response: Response): Promise<Seen> => ({
    status: response.status,
    headers: response.headers,
    text: await response.text(),
    location: response.headers.get('location'),
  })
  return {
    get: async (path: string, headers: Record<string, string> = {}) =>
      seen(await fetch(`${url}${path}`, { headers: { cookie, ...headers }, redirect: 'manual' })),
    send: async (path: string, fields: Record<string, string>, headers: Record<string, string> = { origin: url }) =>
      seen(
        await fetch(`${url}${path}`, {
          method: 'POST',
          body: new URLSearchParams(fields),
          headers: { cookie, ...headers },
          redirect: 'manual',
        }),
      ),
  }
}

/** The id of the thread that an API call began. */
export function threadId(body: unknown): string {
  return z.object({ id: z.string() }).parse(body).id
}
