/** Which files of a repository tell agents what to do, or extend them with programs. Pure. */

/**
 * By name, in any folder, letters of either size: instructions, settings, hooks, skills and tool servers of the agents that a
 * person may have in an image, `custom` ones too.
 */
const NAMES: readonly RegExp[] = [
  /^(?:claude|claude\.local|agents|agents\.override|agent|gemini|qwen|copilot-instructions)\.md$/,
  /^\.(?:claude|agents?|codex|gemini|qwen|opencode|cursor|windsurf|clinerules|roo|roorules|kilocode|continue|amazonq|kiro|junie|augment)$/,
  /^\.(?:cursorrules|windsurfrules|goosehints|mcp\.json|crush\.json|aider.*|rules)$/,
  /^(?:opencode\.jsonc?|crush\.json|conventions\.md)$/,
]

/** Below folders that hold other things too. */
const PLACES: readonly RegExp[] = [
  /^\.github\/(?:instructions|prompts|chatmodes|agents|skills|hooks)\//,
  /^\.vscode\/(?:mcp|settings)\.json$/,
]

/** Whether the path, relative to the repository, is one of them or stands below one. */
export function steers(path: string): boolean {
  const small = path.toLowerCase()
  return (
    PLACES.some((place) => place.test(small)) || small.split('/').some((name) => NAMES.some((one) => one.test(name)))
  )
}

/**
 * The texts that a file of instructions takes in, as Claude Code and Gemini write it: `@docs/rules.md`. Relative to the
 * repository; what leads out of it is left out, and so is what the agent works on (`@package.json`). `from` is the file's path.
 */
export function importsOf(text: string, from: string): string[] {
  const folder = from.split('/').slice(0, -1)
  return [...text.matchAll(/(?:^|\s)@([^\s@`'"<>]+\.(?:mdc?|txt))/gi)].flatMap(
    (match) => within(folder, (match[1] ?? '').replace(/[.,;:!?)]+$/, '')) ?? [],
  )
}

/** Where a relative path leads, from a folder of the repository; undefined when that is outside. */
export function within(folder: readonly string[], path: string): string | undefined {
  if (path.startsWith('/') || path.startsWith('~')) return undefined
  const at = [...folder]
  for (const part of path.split('/')) {
    if (part === '..' && at.pop() === undefined) return undefined
    if (part !== '..' && part !== '.' && part !== '') at.push(part)
  }
  return at.length === 0 ? undefined : at.join('/')
}
