import { fullPath } from './access.ts'
import type { Issue, Project } from './entities.ts'
import type { World } from './world.ts'

const pattern =
  /\b(?:clos(?:e[sd]?|ing)|fix(?:e[sd]|ing)?|resolv(?:e[sd]?|ing)|implement(?:s|ed|ing)?)(:?) +(?:(?:issues? +)?(?:[\w./-]*#\d+|https?:\/\/\S+\/-\/issues\/\d+)(?:(?: *,? +and +| *,? *)|(?![\w#])))+/gi

/** The issues of this project that a text closes: `Closes #4`, `Fixes #5 and #6`, `resolves group/project#7`, or their addresses. */
export function mentionedIssues(world: World, project: Project, text: string): Issue[] {
  const found = new Set<Issue>()
  for (const [sentence] of text.matchAll(pattern)) {
    for (const [, path, short, address] of sentence.matchAll(/([\w./-]*)#(\d+)|(https?:\/\/\S+\/-\/issues\/\d+)/g)) {
      const own = address === undefined ? path === '' || path === fullPath(project) : isOwn(world, project, address)
      const iid = Number(address === undefined ? short : address.slice(address.lastIndexOf('/') + 1))
      const issue = own ? world.issues.find((row) => row.projectId === project.id && row.iid === iid) : undefined
      if (issue !== undefined) found.add(issue)
    }
  }
  return [...found]
}

function isOwn(world: World, project: Project, address: string): boolean {
  return address.startsWith(`${world.url}/${fullPath(project)}/-/issues/`)
}
