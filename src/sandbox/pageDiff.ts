import { canReadCode, fullPath } from './access.ts'
import type { FileDiff } from './diffs.ts'
import type { MergeRequest, Note, Project } from './entities.ts'
import type { Visit } from './pageCall.ts'
import { countsOf, type DiffLine, type Diffs, linesOf } from './pageDiffLines.ts'
import type { Page } from './pageFrame.ts'
import { type Html, html } from './pageHtml.ts'
import { notFound } from './refusal.ts'

const shownLines = 3000

/** The changes of a merge request, with the threads that stand on their lines and a box to begin one. */
export async function diffsPage(visit: Visit, project: Project, merge: MergeRequest, diffs: Diffs): Promise<Page> {
  if (!canReadCode(visit.world, visit.person, project)) throw notFound()
  const path = fullPath(project)
  const own = `/${path}/-/merge_requests/${merge.iid}`
  const files = await diffs(project, merge.diffRefs.base, merge.diffRefs.head)
  const notes = visit.world.notes.filter((note) => note.noteableType === 'MergeRequest' && note.noteableId === merge.id)
  return {
    status: 200,
    title: `Changes of !${merge.iid} · ${path}`,
    trail: [
      [path, `/${path}`],
      ['Merge requests', `/${path}/-/merge_requests`],
      [`!${merge.iid}`, own],
      ['Changes', `${own}/diffs`],
    ],
    main: html`<h1>Changes of <a href="${own}">${merge.title}</a></h1>
<section class="box">${fileList(files)}</section>
${files.map((file) => fileBox(merge, file, notes, own))}`,
  }
}

/** The changed files in short. */
export function fileList(files: readonly FileDiff[]): Html {
  if (files.length === 0) return html`<p class="dim">Nothing is changed.</p>`
  return html`<ul class="list">${files.map((file) => {
    const { added, removed } = countsOf(file.diff)
    return html`<li><code>${file.new_path}</code> <span class="plus">+${added}</span> <span class="minus">−${removed}</span>${whatElse(file)}</li>`
  })}</ul>`
}

function whatElse(file: FileDiff): Html | undefined {
  if (file.new_file) return html` <span class="badge">new</span>`
  if (file.deleted_file) return html` <span class="badge">deleted</span>`
  if (file.renamed_file) return html` <span class="badge">was ${file.old_path}</span>`
  return undefined
}

function fileBox(merge: MergeRequest, file: FileDiff, notes: readonly Note[], own: string): Html {
  const lines = linesOf(file.diff)
  const here = notes.filter(
    (note) => note.position?.new_path === file.new_path || note.position?.old_path === file.old_path,
  )
  const shown = lines.slice(0, shownLines)
  return html`<section class="box file"><h2><code>${file.new_path}</code>${whatElse(file)}</h2>
${lines.length === 0 ? html`<p class="dim">No lines to show.</p>` : diffTable(shown, (line) => marks(line, here, own))}
${lines.length > shown.length && html`<p class="dim">${lines.length - shown.length} more lines.</p>`}
${lines.length > 0 && lineForm(merge, file, shown, own)}
</section>`
}

/** The threads that stand on a line. */
function marks(line: DiffLine, notes: readonly Note[], own: string): Html[] {
  const first = new Map<string, Note>()
  for (const note of notes) {
    const at = (side: 'old_line' | 'new_line') => note.position?.[side] ?? undefined
    if (line.kind === 'hunk' || line.kind === 'remark' || at('old_line') !== line.old || at('new_line') !== line.new)
      continue
    if (!first.has(note.discussionId)) first.set(note.discussionId, note)
  }
  return [...first.values()].map(
    (note) =>
      html` <a class="mark" href="${own}#note_${note.id}">💬 ${note.resolvedAt === null ? 'thread' : 'resolved'}</a>`,
  )
}

/** A part of a diff as a table: both numbers, the sign, the text. */
export function diffTable(lines: readonly DiffLine[], beside: (line: DiffLine) => Html[] = () => []): Html {
  return html`<div class="scroll"><table class="diff"><tbody>${lines.map((line) =>
    line.kind === 'hunk'
      ? html`<tr class="hunk"><td></td><td></td><td></td><td>${line.text}</td></tr>`
      : html`<tr class="${line.kind}"><td>${line.old}</td><td>${line.new}</td><td>${signs[line.kind]}</td><td>${line.text}${beside(line)}</td></tr>`,
  )}</tbody></table></div>`
}

const signs = { added: '+', removed: '−', same: '', remark: '' } as const

function lineForm({ diffRefs }: MergeRequest, file: FileDiff, lines: readonly DiffLine[], own: string): Html {
  const hidden = {
    base_sha: diffRefs.base,
    start_sha: diffRefs.start,
    head_sha: diffRefs.head,
    old_path: file.old_path,
    new_path: file.new_path,
  }
  const options = lines
    .filter(({ kind }) => kind !== 'hunk' && kind !== 'remark')
    .map(
      (line) =>
        html`<option value="${line.old ?? ''}_${line.new ?? ''}">${line.new ?? line.old} ${line.kind === 'same' ? '' : signs[line.kind === 'added' ? 'added' : 'removed']} ${line.text.slice(0, 60)}</option>`,
    )
  return html`<details id="comment-${file.new_path}"><summary>Comment on a line</summary>
<form method="post" action="${own}" class="column">
${Object.entries(hidden).map(([name, value]) => html`<input type="hidden" name="position[${name}]" value="${value}">`)}
<label>Line <select name="line">${options}</select></label>
<textarea name="body" rows="3" required aria-label="Comment on the line"></textarea>
<p class="row"><button name="do" value="line">Begin a thread</button></p></form></details>`
}
