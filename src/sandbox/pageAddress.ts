import type { NoteableKind } from './noteables.ts'

/** The pages there are. A project is its full path. */
export type Address =
  | { readonly page: 'home' }
  | { readonly page: 'name'; readonly name: string }
  | { readonly page: 'list'; readonly project: string; readonly kind: NoteableKind }
  | { readonly page: 'discussion'; readonly project: string; readonly kind: NoteableKind; readonly iid: string }
  | { readonly page: 'diffs'; readonly project: string; readonly iid: string }

/** What a path means, as in GitLab: `name` is a person or a project. Undefined for what has no page here. */
export function addressOf(path: string): Address | undefined {
  if (path === '/') return { page: 'home' }
  const [name = '', rest, ...more] = path.slice(1).replace(/\/$/, '').split('/-/')
  if (name === '' || more.length > 0) return undefined
  if (rest === undefined) return { page: 'name', name }
  const [kind, iid, part, ...beyond] = rest.split('/')
  if ((kind !== 'issues' && kind !== 'merge_requests') || beyond.length > 0) return undefined
  if (iid === undefined) return { page: 'list', project: name, kind }
  if (part === undefined) return { page: 'discussion', project: name, kind, iid }
  return part === 'diffs' && kind === 'merge_requests' ? { page: 'diffs', project: name, iid } : undefined
}
