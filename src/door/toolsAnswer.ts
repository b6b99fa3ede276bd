/** What an MCP server says, as an agent gets to see it. */

import { maskKnown } from './mask.ts'
import { mapTexts } from './readOutcome.ts'
import { isObject } from './toolsMessages.ts'
import type { ToolServer } from './toolsServer.ts'

/** A tool in a server's list. */
export type ListedTool = { readonly name: string; readonly readOnly: boolean }

export type AnswerNeeds = {
  readonly server: ToolServer
  readonly secrets: readonly string[]
  /** What the server says about its tools is remembered. */
  learn(tools: readonly ListedTool[]): void
}

/**
 * A message, or a list of them, without the tools that are not allowed, without promises of what is not passed on, and
 * without our secrets. A list of tools is known by its form, whatever was asked: it may come on any stream.
 */
export function showToAgent(said: unknown, needs: AnswerNeeds): unknown {
  if (Array.isArray(said)) return said.map((one) => showToAgent(one, needs))
  const shown = mapTexts(said, (text) => maskKnown(text, needs.secrets))
  if (!isObject(shown) || !isObject(shown.result)) return shown
  const { capabilities, tools } = shown.result
  const result = { ...shown.result }
  if (isObject(capabilities)) {
    const { resources: _, prompts: __, completions: ___, ...rest } = capabilities
    result.capabilities = rest
  }
  if (Array.isArray(tools)) {
    needs.learn(tools.flatMap(listed))
    result.tools = tools.filter((tool) => listed(tool).some((one) => isShown(one, needs.server)))
  }
  return { ...shown, result }
}

/** The tools of a message that answers `tools/list`, and where the next page begins. */
export function toolsIn(said: unknown): { readonly tools: readonly ListedTool[]; readonly next?: string } | undefined {
  if (!isObject(said) || !isObject(said.result) || !Array.isArray(said.result.tools)) return undefined
  const { tools, nextCursor } = said.result
  return { tools: tools.flatMap(listed), ...(typeof nextCursor === 'string' ? { next: nextCursor } : {}) }
}

function isShown({ name, readOnly }: ListedTool, server: ToolServer): boolean {
  const allowed = server.allows(name)
  return allowed === 'read-only' ? readOnly : allowed
}

function listed(tool: unknown): readonly ListedTool[] {
  if (!isObject(tool) || typeof tool.name !== 'string') return []
  return [{ name: tool.name, readOnly: isObject(tool.annotations) && tool.annotations.readOnlyHint === true }]
}
