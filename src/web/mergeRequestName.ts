/** `!12`, as GitLab calls it, from its address. Pure. */
export function mergeRequestName(url: string): string {
  const iid = /\/merge_requests\/(\d+)/.exec(url)?.[1]
  return iid === undefined ? 'merge request' : `!${iid}`
}
