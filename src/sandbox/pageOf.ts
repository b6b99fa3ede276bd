import { projectNamed } from './access.ts'
import { findPlace } from './noteables.ts'
import type { Address } from './pageAddress.ts'
import { reading, type Visit } from './pageCall.ts'
import { diffsPage } from './pageDiff.ts'
import type { Diffs } from './pageDiffLines.ts'
import { discussionPage } from './pageDiscussion.ts'
import type { Page } from './pageFrame.ts'
import { homePage, personPage } from './pageHome.ts'
import { listPage, projectPage } from './pageProject.ts'
import { notFound } from './refusal.ts'

/** The page at an address as somebody sees it. Throws the API's 404 for what they do not see. */
export async function pageOf(visit: Visit, address: Address, diffs: Diffs): Promise<Page> {
  const { world, person } = visit
  switch (address.page) {
    case 'home':
      return homePage(visit)
    case 'name': {
      const found = world.people.find((row) => row.username === address.name)
      return found === undefined ? projectPage(visit, projectIn(visit, address.name)) : personPage(visit, found)
    }
    case 'list':
      return listPage(visit, projectIn(visit, address.project), address.kind)
    case 'discussion': {
      const place = findPlace(reading(visit, { id: address.project, iid: address.iid }), address.kind)
      return discussionPage(visit, address.kind, place, diffs)
    }
    case 'diffs': {
      const { project, noteable } = findPlace(
        reading(visit, { id: address.project, iid: address.iid }),
        'merge_requests',
      )
      if (noteable.type !== 'MergeRequest') throw notFound()
      return diffsPage(visit, project, noteable.row, diffs)
    }
  }
  function projectIn(from: Visit, name: string) {
    const project = projectNamed(from.world, person, name)
    if (project === undefined) throw notFound('Project')
    return project
  }
}
