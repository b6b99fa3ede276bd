/** Lists of what has changed since a moment, whole although GitLab counts pages anew at every call. */

import { z } from 'zod'
import { type GitLab, goneIfRefused } from './client.ts'

const schema = z.looseObject({ id: z.number(), updated_at: z.string() })

/** `date`: GitLab's clock, milliseconds since 1970, no later than when the page was read. */
export type RowsOf = { readonly rows: readonly unknown[]; readonly date: number }

/**
 * Page by page, the longest unchanged first. What is changed meanwhile moves to the end, so that the next page would leave some out:
 * each page begins at the time at which the last one ended. `mayBeGone`: a list that GitLab refuses is empty.
 */
export async function* pagesSince(
  gitlab: Pick<GitLab, 'call'>,
  path: string,
  query: Readonly<Record<string, string>>,
  since: number,
  mayBeGone: boolean,
): AsyncGenerator<RowsOf> {
  const seen = new Set<number>()
  let after = new Date(since).toISOString()
  for (let page = 1; ; ) {
    const order = { order_by: 'updated_at', sort: 'asc', per_page: '100' }
    const asked = Date.now()
    const call = gitlab.call('GET', path, { ...query, ...order, updated_after: after, page: String(page) })
    const answer = await (mayBeGone ? goneIfRefused(call) : call)
    if (answer === 'gone') return
    const rows = z.array(schema).parse(answer.body)
    const date = Date.parse(answer.headers.date ?? '')
    yield {
      rows: rows.filter(({ id }) => !seen.has(id)),
      date: Number.isNaN(date) ? asked : date - (Date.now() - asked),
    }
    for (const { id } of rows) seen.add(id)
    const last = rows.at(-1)
    if (last === undefined || rows.length < 100) return
    // More than a page in one moment can only be counted.
    if (Date.parse(last.updated_at) === Date.parse(after)) page += 1
    else [after, page] = [last.updated_at, 1]
  }
}
