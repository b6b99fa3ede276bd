/** A container's termination message → what it says of its work, in words. The contract allows only cause, branch and commit. */

import type { LastWords } from '../../runtime/protocol.ts'

export function lastWordsOf(message: string | undefined): string | undefined {
  const { branch, commit } = parse(message)
  if (!isName(branch) || typeof commit !== 'string' || !/^[0-9a-f]{7,64}$/.test(commit)) return undefined
  return `its work so far is on ${branch}, commit ${commit.slice(0, 8)}`
}

function parse(message: string | undefined): { readonly [Key in keyof LastWords]?: unknown } {
  try {
    const read: unknown = JSON.parse(message ?? '')
    return typeof read === 'object' && read !== null ? read : {}
  } catch {
    return {}
  }
}

/** The container is not trusted: what it calls a branch is shown to people. */
function isName(branch: unknown): branch is string {
  return typeof branch === 'string' && /^[\w./-]{1,200}$/.test(branch)
}
