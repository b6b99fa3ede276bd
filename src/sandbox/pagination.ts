import type { Answer, Call } from './call.ts'

/**
 * One page of a list, 20 entries unless asked otherwise and never more than 100, with GitLab's headers. `show` may leave an
 * entry out by giving undefined: GitLab hides notes only after paging, so that a page can be short although more follow.
 */
export function paginated<T>(call: Call, items: readonly T[], show: (item: T) => unknown): Answer {
  const page = Math.max(1, Math.trunc(Number(call.url.searchParams.get('page'))) || 1)
  const perPage = Math.min(100, Math.max(1, Math.trunc(Number(call.url.searchParams.get('per_page'))) || 20))
  const pages = Math.max(1, Math.ceil(items.length / perPage))
  const body = items
    .slice((page - 1) * perPage, page * perPage)
    .map(show)
    .filter((shown) => shown !== undefined)
  const next = page < pages ? page + 1 : undefined
  const previous = page > 1 ? page - 1 : undefined
  const address = (number: number) => {
    const url = new URL(call.url)
    url.searchParams.set('page', String(number))
    url.searchParams.set('per_page', String(perPage))
    return url.href
  }
  const links = [
    ...(previous === undefined ? [] : [`<${address(previous)}>; rel="prev"`]),
    ...(next === undefined ? [] : [`<${address(next)}>; rel="next"`]),
    `<${address(1)}>; rel="first"`,
    `<${address(pages)}>; rel="last"`,
  ]
  const headers = {
    link: links.join(', '),
    'x-next-page': String(next ?? ''),
    'x-page': String(page),
    'x-per-page': String(perPage),
    'x-prev-page': String(previous ?? ''),
    'x-total': String(items.length),
    'x-total-pages': String(pages),
  }
  return { status: 200, body, headers }
}
