import { z } from 'zod'
import type { Note } from './entities.ts'
import type { Place } from './noteables.ts'
import type { Visit } from './pageCall.ts'
import { diffTable } from './pageDiff.ts'
import { type Diffs, linesOf } from './pageDiffLines.ts'
import { type Html, html } from './pageHtml.ts'
import { noteBox } from './pageNote.ts'
import { mayResolve } from './resolving.ts'

const context = 4

const Line = z.number().nullish()
const Where = z.object({
  base_sha: z.string(),
  head_sha: z.string(),
  new_path: z.string(),
  old_line: Line,
  new_line: Line,
})

/** A discussion: the line it stands on, its comments, and boxes to reply and to resolve. A resolved one is folded. */
export async function threadBox(visit: Visit, place: Place, notes: readonly Note[], diffs: Diffs): Promise<Html> {
  const [first] = notes
  if (first === undefined) return html``
  const where = first.position === null ? undefined : await lineBox(place, first, diffs)
  const within = html`${where}${notes.map((note) => noteBox(visit, place.project, note))}${answerForms(visit, place, notes)}`
  const id = `thread-${first.discussionId}`
  const resolved = first.type !== null && notes.every((note) => note.type === null || note.resolvedAt !== null)
  const kind = `box thread${first.internal ? ' internal' : ''}`
  if (!resolved) return html`<section class="${kind}" id="${id}">${within}</section>`
  const by = visit.world.people.get(first.resolvedById ?? 0)?.name ?? 'somebody'
  return html`<details class="${kind}" id="${id}"><summary>Resolved by ${by} · ${notes.length} ${notes.length === 1 ? 'comment' : 'comments'} <span class="dim">${first.body.split('\n')[0]?.slice(0, 80)}</span></summary>${within}</details>`
}

/** The lines of the diff that the thread is about, as they were when it began. */
async function lineBox({ project }: Place, note: Note, diffs: Diffs): Promise<Html> {
  const where = Where.safeParse(note.position).data
  if (where === undefined) return html`<p class="dim">On a change.</p>`
  const files = await diffs(project, where.base_sha, where.head_sha)
  const lines = linesOf(files.find((file) => file.new_path === where.new_path)?.diff ?? '')
  const at = lines.findIndex(
    (line) =>
      (line.old ?? line.new) !== undefined &&
      line.old === (where.old_line ?? undefined) &&
      line.new === (where.new_line ?? undefined),
  )
  const name = html`<p class="head"><code>${where.new_path}</code> <span class="dim">line ${where.new_line ?? where.old_line ?? '?'}</span></p>`
  return at < 0 ? name : html`${name}${diffTable(lines.slice(Math.max(0, at - context), at + 1))}`
}

function answerForms({ world, person }: Visit, place: Place, notes: readonly Note[]): Html {
  const discussion = notes[0]?.discussionId ?? ''
  const open = notes.some((note) => note.resolvedAt === null)
  const hidden = html`<input type="hidden" name="discussion" value="${discussion}">`
  return html`<div class="row"><details id="reply-${discussion}" class="grow"><summary>Reply</summary>
<form method="post" class="column">${hidden}<textarea name="body" rows="3" required aria-label="Reply"></textarea>
<p class="row"><button name="do" value="reply">Reply</button></p></form></details>
${
  mayResolve(world, person, place, notes) &&
  html`<form method="post">${hidden}<input type="hidden" name="resolved" value="${String(open)}"><button name="do" value="resolve">${open ? 'Resolve' : 'Open again'}</button></form>`
}</div>`
}
