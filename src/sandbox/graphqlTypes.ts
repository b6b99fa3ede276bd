import type { Person } from './entities.ts'
import type { World } from './world.ts'

/** Who asks, and of what. */
export type GraphqlContext = { readonly world: World; readonly visitor: Person | undefined }

/** Arguments by name; what was not said is not there. */
export type GraphqlArgs = Readonly<Record<string, unknown>>

/** One field of a type. `type` names the objects that it gives; without it the value stands for itself. */
export type GraphqlFieldType = {
  /** The types of the arguments; one that ends in `!` must be given. */
  readonly args?: Readonly<Record<string, string>>
  readonly type?: string
  readonly get: (source: never, args: GraphqlArgs, context: GraphqlContext) => unknown
}

/** The fields of a type. */
export type GraphqlType = Readonly<Record<string, GraphqlFieldType>>

/** The arguments of every list that comes in pages. */
export const pageArgs = { first: 'Int', last: 'Int', before: 'String', after: 'String' } as const

/** One page of a list. */
export type Page = {
  readonly count: number
  readonly nodes: readonly { readonly id: number }[]
  readonly hasNextPage: boolean
  readonly hasPreviousPage: boolean
}

/** At most a hundred of a list, after or before a cursor, which is the id of an entry. */
export function paged(items: readonly { readonly id: number }[], args: GraphqlArgs): Page {
  const at = (cursor: unknown) => items.findIndex((item) => cursorOf(item) === cursor)
  const start = args.after === undefined ? 0 : at(args.after) + 1
  const end = args.before === undefined ? items.length : Math.max(0, at(args.before))
  const range = items.slice(start, end)
  const most = (wish: unknown) => Math.min(100, typeof wish === 'number' ? wish : 100)
  const nodes = args.last === undefined ? range.slice(0, most(args.first)) : range.slice(-most(args.last))
  const [first, last] = [nodes[0], nodes.at(-1)]
  return {
    count: items.length,
    nodes,
    hasPreviousPage: first !== undefined && items.indexOf(first) > 0,
    hasNextPage: last !== undefined && items.indexOf(last) < items.length - 1,
  }
}

/** `eyJpZCI6IjEifQ`, as GitLab writes the place of an entry. */
export function cursorOf({ id }: { readonly id: number }): string {
  return Buffer.from(JSON.stringify({ id: String(id) })).toString('base64url')
}

/** The type of a list of objects of a type. */
export function connectionOf(type: string): GraphqlType {
  return {
    count: { get: ({ count }: Page) => count },
    nodes: { type, get: ({ nodes }: Page) => nodes },
    pageInfo: { type: 'PageInfo', get: (page: Page) => page },
  }
}

/** Where a page stands in its list. */
export const pageInfo: GraphqlType = {
  hasNextPage: { get: ({ hasNextPage }: Page) => hasNextPage },
  hasPreviousPage: { get: ({ hasPreviousPage }: Page) => hasPreviousPage },
  startCursor: { get: ({ nodes: [first] }: Page) => (first === undefined ? null : cursorOf(first)) },
  endCursor: { get: ({ nodes }: Page) => endOf(nodes) },
}

function endOf(nodes: Page['nodes']): string | null {
  const last = nodes.at(-1)
  return last === undefined ? null : cursorOf(last)
}
