import { canReadCode, canReadInternal, fullPath } from './access.ts'
import type { NoteableKind, Place } from './noteables.ts'
import type { Visit } from './pageCall.ts'
import { fileList } from './pageDiff.ts'
import type { Diffs } from './pageDiffLines.ts'
import { moment, type Page, personLink, stateBadge } from './pageFrame.ts'
import { type Html, html } from './pageHtml.ts'
import { markdown } from './pageMarkdown.ts'
import { reactions } from './pageNote.ts'
import { sidebar } from './pageSidebar.ts'
import { timeline } from './pageTimeline.ts'

/** An issue or a merge request: what it says, the conversation under it, and boxes to take part. */
export async function discussionPage(visit: Visit, kind: NoteableKind, place: Place, diffs: Diffs): Promise<Page> {
  const { world, person } = visit
  const { project, noteable } = place
  const { row, type } = noteable
  const path = fullPath(project)
  const own = `/${path}/-/${kind}/${row.iid}`
  const name = `${type === 'Issue' ? '#' : '!'}${row.iid}`
  const description = row.description ?? ''
  return {
    status: 200,
    title: `${row.title} (${name}) · ${path}`,
    trail: [
      [path, `/${path}`],
      [type === 'Issue' ? 'Issues' : 'Merge requests', `/${path}/-/${kind}`],
      [name, own],
    ],
    main: html`<h1>${row.title} <span class="dim">${name}</span></h1>
<p>${stateBadge(row.state)}${type === 'Issue' && row.confidential && html` <span class="badge internal">Confidential</span>`} opened ${moment(row.createdAt)} by ${personLink(world, row.authorId)}${
      type === 'MergeRequest' && html`, to bring <code>${row.sourceBranch}</code> into <code>${row.targetBranch}</code>`
    }</p>
<div class="columns"><div class="conversation">
<section class="box" id="description"><div class="text">${description === '' ? html`<p class="dim">No description.</p>` : markdown(description, { world, person, project })}</div>
${reactions(world, type, row.id)}</section>
${await changes(visit, place, own, diffs)}
${await timeline(visit, place, diffs)}
${commentForm(visit, place)}
</div>
${sidebar(visit, place)}
</div>`,
  }
}

async function changes({ world, person }: Visit, place: Place, own: string, diffs: Diffs): Promise<Html | undefined> {
  const { project, noteable } = place
  if (noteable.type !== 'MergeRequest' || !canReadCode(world, person, project)) return undefined
  const { base, head } = noteable.row.diffRefs
  return html`<section class="box" id="changes"><h2><a href="${own}/diffs">Changes</a></h2>${fileList(await diffs(project, base, head))}</section>`
}

function commentForm({ world, person }: Visit, { project, noteable }: Place): Html {
  return html`<form method="post" class="box column" id="comment"><label for="body">Comment as ${person.name}</label>
<textarea id="body" name="body" rows="4" required placeholder="/agent add a health check"></textarea>
<p class="row"><button name="do" value="comment" class="go">Comment</button> <button name="do" value="thread">Begin a thread</button>
${
  canReadInternal(world, person, project) &&
  noteable.type === 'Issue' &&
  html`<label><input type="checkbox" name="internal" value="true"> Internal note</label>`
}</p></form>`
}
