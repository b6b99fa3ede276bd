import { canReadIssue, fullPath, projectNamed } from './access.ts'
import type { Person, Project } from './entities.ts'
import type { World } from './world.ts'

/** Who reads a text, and in which project it stands. */
export type Reader = { readonly world: World; readonly person: Person; readonly project: Project }

/** A piece of text, with the address that it refers to, if it does. */
export type Piece = { readonly text: string; readonly href?: string }

const reference =
  /(?<![\w/@&#!.-])(?:@(?<user>\w[\w.-]*)|(?<path>[\w.-]+(?:\/[\w.-]+)+)?(?<kind>[#!])(?<iid>\d+))(?!\w)/g

/** Finds `#1`, `!1`, `demo/shop#1` and `@developer`. What the reader does not see is not linked, as in GitLab. */
export function piecesOf(text: string, reader: Reader): Piece[] {
  const pieces: Piece[] = []
  let end = 0
  for (const match of text.matchAll(reference)) {
    // A sentence may end with a name.
    const said = match[0].replace(/[.-]+$/, '')
    const href = addressOf({ ...match.groups }, reader)
    if (href === undefined) continue
    if (match.index > end) pieces.push({ text: text.slice(end, match.index) })
    pieces.push({ text: said, href })
    end = match.index + said.length
  }
  if (end < text.length) pieces.push({ text: text.slice(end) })
  return pieces
}

/** The short name of an issue's or merge request's own address, as GitLab writes it: `!1`. Undefined for any other address. */
export function shortName(href: string, reader: Reader): string | undefined {
  const { world, project } = reader
  if (!href.startsWith(`${world.url}/`)) return undefined
  const [, path = '', kind, iid = '', note] =
    /^(.+)\/-\/(issues|merge_requests)\/(\d+)(#note_\d+)?$/.exec(href.slice(world.url.length + 1)) ?? []
  const sign = kind === 'issues' ? '#' : '!'
  if (kind === undefined || addressOf({ path, kind: sign, iid }, reader) === undefined) return undefined
  const place = path === fullPath(project) ? '' : path
  return `${place}${sign}${iid}${note === undefined ? '' : ' (comment)'}`
}

function addressOf(found: Readonly<Record<string, string | undefined>>, reader: Reader): string | undefined {
  const { world, person } = reader
  if (found.user !== undefined) {
    const name = found.user.replace(/[.-]+$/, '').toLowerCase()
    return world.people.find((row) => row.username === name) === undefined ? undefined : `/${name}`
  }
  const project = found.path === undefined ? reader.project : projectNamed(world, person, found.path)
  if (project === undefined) return undefined
  const at = (row: { projectId: number; iid: number }) => row.projectId === project.id && row.iid === Number(found.iid)
  if (found.kind === '!') {
    const row = world.mergeRequests.find(at)
    return row === undefined ? undefined : `/${fullPath(project)}/-/merge_requests/${row.iid}`
  }
  const row = world.issues.find(at)
  if (row === undefined || !canReadIssue(world, person, project, row)) return undefined
  return `/${fullPath(project)}/-/issues/${row.iid}`
}
