/** What MCP servers said about which of their tools read alone, remembered for a while. */

import type { ListedTool } from './toolsAnswer.ts'

/** One page of a server's list. */
export type Page = { readonly tools: readonly ListedTool[]; readonly next?: string }

/** Milliseconds: a server may come back with other tools. */
const KEPT = 10 * 60_000
const MOST_TOOLS = 5000
const MOST_PAGES = 50

export type Catalogue = ReturnType<typeof createCatalogue>

export function createCatalogue(now: () => number = Date.now) {
  const known = new Map<string, { readonly until: number; readonly readOnly: boolean }>()
  const key = (server: string, tool: string) => `${server}\n${tool}`

  function learn(server: string, tools: readonly ListedTool[]): void {
    if (known.size > MOST_TOOLS) known.clear()
    for (const { name, readOnly } of tools) known.set(key(server, name), { until: now() + KEPT, readOnly })
  }

  return {
    learn,
    /** What the server said; where it said nothing lately it is asked, page by page. What is in no page does not read alone. */
    async isReadOnly(
      server: string,
      tool: string,
      ask: (cursor: string | undefined) => Promise<Page>,
    ): Promise<boolean> {
      const fresh = () => {
        const found = known.get(key(server, tool))
        return found !== undefined && found.until > now() ? found.readOnly : undefined
      }
      let cursor: string | undefined
      for (let page = 0; fresh() === undefined && page < MOST_PAGES; page++) {
        const { tools, next } = await ask(cursor)
        learn(server, tools)
        if (next === undefined) break
        cursor = next
      }
      return fresh() ?? false
    },
  }
}
