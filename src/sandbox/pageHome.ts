import { canRead, fullPath, role } from './access.ts'
import type { Person, Project } from './entities.ts'
import type { Visit } from './pageCall.ts'
import type { Page } from './pageFrame.ts'
import { html } from './pageHtml.ts'

/** The projects that somebody sees, and everybody who has an account. */
export function homePage(visit: Visit): Page {
  const { world, person } = visit
  const projects = world.projects.filter((project) => canRead(world, person, project))
  return {
    status: 200,
    title: 'Projects and people',
    trail: [],
    main: html`<h1>Projects</h1>
<ul class="list">${projects.map((project) => projectLine(visit, project))}</ul>
<h2>People</h2>
<ul class="list">${world.people
      .filter(({ state }) => state === 'active')
      .map(
        (row) =>
          html`<li><a href="/${row.username}"><b>${row.name}</b></a> <span class="dim">@${row.username}${row.bot && ' · bot'}${row.admin && ' · administrator'}</span></li>`,
      )}</ul>`,
  }
}

/** Somebody, and where they belong, as far as the visitor sees it. */
export function personPage(visit: Visit, shown: Person): Page {
  const { world, person } = visit
  const projects = world.projects.filter((row) => canRead(world, person, row) && role(world, shown, row) > 0)
  return {
    status: 200,
    title: shown.name,
    trail: [[shown.name, `/${shown.username}`]],
    main: html`<h1>${shown.name} <span class="dim">@${shown.username}</span></h1>
<p>${shown.bot ? 'A bot.' : 'A person.'} ${projects.length === 0 ? 'Member of no project that you see.' : 'Member of:'}</p>
<ul class="list">${projects.map(
      (row) => html`${projectLine(visit, row)}<li class="under">${roleNamed(role(world, shown, row))}</li>`,
    )}</ul>`,
  }
}

function projectLine({ world }: Visit, project: Project) {
  const open = world.issues.filter((row) => row.projectId === project.id && row.state === 'opened').length
  return html`<li><a href="/${fullPath(project)}"><b>${fullPath(project)}</b></a> <span class="dim">${project.visibility} · ${open} open ${open === 1 ? 'issue' : 'issues'}</span>
<p>${project.description ?? ''}</p></li>`
}

const names: readonly (readonly [number, string])[] = [
  [50, 'Owner'],
  [40, 'Maintainer'],
  [30, 'Developer'],
  [20, 'Reporter'],
  [15, 'Planner'],
  [10, 'Guest'],
]

/** GitLab's word for a role. */
function roleNamed(level: number): string {
  return names.find(([least]) => level >= least)?.[1] ?? 'No member'
}
