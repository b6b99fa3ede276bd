import { z } from 'zod'
import type { Page } from './pageFrame.ts'
import { html } from './pageHtml.ts'

const Made = z.union([
  z.object({ notes: z.tuple([z.object({ id: z.number() })], z.unknown()) }).transform(({ notes }) => notes[0].id),
  z.object({ id: z.number(), noteable_id: z.number() }).transform(({ id }) => id),
])
const Shown = z.object({ web_url: z.url() })

/** Where to look after a form was done: at the comment or the thing that came of it, or at the page that it was on. */
export function landingOf(path: string, made: unknown): string {
  const note = Made.safeParse(made).data
  const url = Shown.safeParse(made).data?.web_url
  if (url !== undefined) return new URL(url).pathname
  // Two slashes would lead to another host.
  const within = /^\/(?![/\\])/.test(path) ? encodeURI(path) : '/'
  return note === undefined ? within : `${within}#note_${note}`
}

/** Words instead of a page, with the way back. */
export function wordsPage(status: number, title: string, words: string, back: string): Page {
  return {
    status,
    title,
    trail: [],
    main: html`<h1>${title}</h1><p>${words}</p><p><a href="${back}">Back</a></p>`,
  }
}

const Reason = z.object({ message: z.unknown().optional(), error: z.unknown().optional() })

/** What the API said against it. */
export function reasonOf(body: unknown): string {
  const { message, error } = Reason.safeParse(body).data ?? {}
  const said = message ?? error ?? body
  return typeof said === 'string' ? said : JSON.stringify(said)
}
