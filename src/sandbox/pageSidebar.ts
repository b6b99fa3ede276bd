import { labelNames } from './labels.ts'
import { mayMerge } from './merging.ts'
import { mayUpdate, type Place } from './noteables.ts'
import type { Visit } from './pageCall.ts'
import { personLink } from './pageFrame.ts'
import { type Html, html } from './pageHtml.ts'
import { detailedMergeStatus } from './payloadParts.ts'
import { jobsOf, pipelinesOf } from './pipelineLookup.ts'

/** What stands beside a conversation: labels, who it is assigned to, pipelines, and what the visitor may do about them. */
export function sidebar(visit: Visit, place: Place): Html {
  const { world, person } = visit
  const { project, noteable } = place
  const may = mayUpdate(world, person, project, noteable)
  return html`<aside aria-label="Properties">
${labels(visit, place, may)}
${assignee(visit, place, may)}
${noteable.type === 'MergeRequest' && pipelines(visit, place)}
${noteable.type === 'MergeRequest' && merging(visit, place)}
${
  may &&
  noteable.row.state !== 'merged' &&
  html`<form method="post" class="box"><input type="hidden" name="event" value="${noteable.row.state === 'opened' ? 'close' : 'reopen'}"><button name="do" value="state">${noteable.row.state === 'opened' ? 'Close' : 'Reopen'}</button></form>`
}
</aside>`
}

function labels({ world }: Visit, { project, noteable }: Place, may: boolean): Html {
  const names = labelNames(world, noteable.row.labelIds)
  const known = world.labels.filter((label) => label.projectId === project.id)
  return html`<section class="box"><h2>Labels</h2>
${names.length === 0 && html`<p class="dim">None</p>`}
${names.map((name) =>
  may
    ? html`<form method="post" class="inline"><input type="hidden" name="label" value="${name}"><span class="label">${name}</span> <button name="do" value="unlabel" aria-label="Remove ${name}">×</button></form> `
    : html`<span class="label">${name}</span> `,
)}
${
  may &&
  html`<form method="post" class="row"><input name="label" list="labels" required aria-label="Label to add" placeholder="Label"><datalist id="labels">${known.map(({ name }) => html`<option value="${name}">`)}</datalist><button name="do" value="label">Add</button></form>`
}</section>`
}

function assignee({ world }: Visit, { noteable }: Place, may: boolean): Html {
  const [id] = noteable.row.assigneeIds
  const people = world.people.filter(({ state }) => state === 'active')
  return html`<section class="box"><h2>Assignee</h2>
${id === undefined ? html`<p class="dim">Nobody</p>` : html`<p>${personLink(world, id)}</p>`}
${
  may &&
  html`<form method="post" class="row"><select name="person" aria-label="Assign to"><option value="">Nobody</option>${people.map((row) => html`<option value="${row.id}"${row.id === id && html` selected`}>${row.name}</option>`)}</select><button name="do" value="assign">Assign</button></form>`
}</section>`
}

function pipelines({ world }: Visit, { noteable }: Place): Html {
  const rows = noteable.type === 'MergeRequest' ? pipelinesOf(world, noteable.row).toReversed() : []
  return html`<section class="box"><h2>Pipelines</h2>
${rows.length === 0 && html`<p class="dim">None</p>`}
<ul class="list">${rows.map(
    (
      row,
    ) => html`<li><span class="badge ci-${row.status}">${row.status}</span> #${row.id} <code>${row.sha.slice(0, 8)}</code>
<p class="dim">${jobsOf(world, row)
      .map((job) => `${job.name}: ${job.status}`)
      .join(', ')}</p></li>`,
  )}</ul></section>`
}

const hindrances = {
  not_open: '',
  draft_status: 'A draft cannot be merged.',
  conflict: 'It conflicts with its target branch.',
  mergeable: 'It can be merged.',
} as const

function merging({ world, person }: Visit, { project, noteable }: Place): Html | undefined {
  if (noteable.type !== 'MergeRequest' || noteable.row.state !== 'opened') return undefined
  const status = detailedMergeStatus(noteable.row)
  const may = mayMerge(world, person, project, noteable.row.targetBranch)
  return html`<section class="box"><h2>Merge</h2><p class="dim">${hindrances[status]}${!may && html` ${person.name} may not merge into <code>${noteable.row.targetBranch}</code>.`}</p>
${may && status === 'mergeable' && html`<form method="post"><button name="do" value="merge" class="go">Merge</button></form>`}</section>`
}
