import { canReadCode, canReadIssue, fullPath } from './access.ts'
import type { Issue, MergeRequest, Project } from './entities.ts'
import { branchTip, commits, repositoryOf } from './gitFacts.ts'
import type { NoteableKind } from './noteables.ts'
import type { Visit } from './pageCall.ts'
import { moment, type Page, personLink, stateBadge } from './pageFrame.ts'
import { type Html, html } from './pageHtml.ts'
import { labelBadges } from './pageLabels.ts'

/** A project in short: its issues and merge requests, branches and files. */
export async function projectPage(visit: Visit, project: Project): Promise<Page> {
  const path = fullPath(project)
  return {
    status: 200,
    title: path,
    trail: [[path, `/${path}`]],
    main: html`<h1>${project.name} <span class="dim">${project.visibility}</span></h1>
<p>${project.description ?? ''}</p>
<h2><a href="/${path}/-/issues">Issues</a></h2>
${lines(visit, project, issuesSeen(visit, project))}
<h2><a href="/${path}/-/merge_requests">Merge requests</a></h2>
${lines(visit, project, mergeRequestsOf(visit, project))}
${canReadCode(visit.world, visit.person, project) && (await code(visit, project))}`,
  }
}

/** All issues or merge requests of a project; new issues are opened here. */
export function listPage(visit: Visit, project: Project, kind: NoteableKind): Page {
  const path = fullPath(project)
  const [title, rows] =
    kind === 'issues'
      ? (['Issues', issuesSeen(visit, project)] as const)
      : (['Merge requests', mergeRequestsOf(visit, project)] as const)
  return {
    status: 200,
    title: `${title} · ${path}`,
    trail: [
      [path, `/${path}`],
      [title, `/${path}/-/${kind}`],
    ],
    main: html`<h1>${title}</h1>
${lines(visit, project, rows)}
${
  kind === 'issues' &&
  html`<details id="new" class="box"><summary>New issue</summary>
<form method="post" class="column"><label for="title">Title</label><input id="title" name="title" required maxlength="255">
<label for="description">Description</label><textarea id="description" name="description" rows="5"></textarea>
<p class="row"><button name="do" value="open">Open the issue</button></p></form></details>`
}`,
  }
}

function issuesSeen({ world, person }: Visit, project: Project): Issue[] {
  return world.issues.filter((row) => row.projectId === project.id && canReadIssue(world, person, project, row))
}

function mergeRequestsOf({ world }: Visit, project: Project): MergeRequest[] {
  return world.mergeRequests.filter((row) => row.projectId === project.id)
}

/** The newest first. */
function lines({ world }: Visit, project: Project, rows: readonly (Issue | MergeRequest)[]): Html {
  if (rows.length === 0) return html`<p class="dim">None yet.</p>`
  const line = (row: Issue | MergeRequest) => {
    const [sign, kind] = 'confidential' in row ? ['#', 'issues'] : ['!', 'merge_requests']
    return html`<li>${stateBadge(row.state)} <a href="/${fullPath(project)}/-/${kind}/${row.iid}"><b>${row.title}</b></a> <span class="dim">${sign}${row.iid}</span> ${labelBadges(world, row.labelIds)}
<p class="dim">${moment(row.createdAt)} by ${personLink(world, row.authorId)}</p></li>`
  }
  return html`<ul class="list">${rows.toReversed().map(line)}</ul>`
}

async function code({ world }: Visit, project: Project): Promise<Html> {
  const repository = repositoryOf(world, project)
  const refs = ['for-each-ref', '--format=%(refname:lstrip=2)', 'refs/heads']
  const branches = (await world.git.run(repository, refs)).split('\n').filter((name) => name !== '')
  if (branches.length === 0) return html`<h2>Repository</h2><p class="dim">Empty.</p>`
  const tip = (await branchTip(world, project, project.defaultBranch)) ?? `refs/heads/${branches[0]}`
  const [last] = await commits(world, project, ['-1', tip])
  const files = (await world.git.run(repository, ['ls-tree', '-r', '--name-only', '-z', tip])).split('\0')
  return html`<h2>Branches</h2>
<ul class="list">${branches.map((name) => html`<li><code>${name}</code>${name === project.defaultBranch && html` <span class="badge">default</span>`}</li>`)}</ul>
<h2>Files</h2>
${last !== undefined && html`<p class="dim">${last.message.split('\n')[0]} <code>${last.id.slice(0, 8)}</code></p>`}
<ul class="list">${files.filter((name) => name !== '').map((name) => html`<li><code>${name}</code></li>`)}</ul>`
}
