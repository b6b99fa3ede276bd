/** What a container left for the case that the door was out of reach → what it says of its work, in words. Only cause, branch and commit count. */

export function lastWordsOf(message: string | undefined): string | undefined {
  const { branch, commit } = parse(message)
  if (!isName(branch) || typeof commit !== 'string' || !/^[0-9a-f]{7,64}$/.test(commit)) return undefined
  return `its work so far is on ${branch}, commit ${commit.slice(0, 8)}`
}

function parse(message: string | undefined): { readonly branch?: unknown; readonly commit?: unknown } {
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
