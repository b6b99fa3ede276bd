import { join } from 'node:path'
import { roles } from './access.ts'
import type { Group } from './groupRows.ts'
import { addPerson } from './newPerson.ts'
import { createProject } from './newProject.ts'
import { now, type World } from './world.ts'

/**
 * The demo's world: a public shop to work on, a private vault, a private warehouse in a subgroup, and people in all roles. Each
 * one's token is `glpat-demo-` and the user name. Does nothing where there are people already.
 */
export async function seed(world: World): Promise<void> {
  if (world.people.all().length > 0) return
  const root = addPerson(world, { username: 'root', name: 'Administrator', admin: true })
  const maintainer = addPerson(world, { username: 'maintainer', name: 'Mara Maintainer' })
  const developer = addPerson(world, { username: 'developer', name: 'Dev Developer' })
  const reporter = addPerson(world, { username: 'reporter', name: 'Rory Reporter' })
  addPerson(world, { username: 'outsider', name: 'Otto Outsider' })
  const bot = addPerson(world, { username: 'errand-bot', name: 'Errand', bot: true })

  const demo = addGroup(world, undefined, 'demo', 'Demo')
  const tools = addGroup(world, demo, 'tools', 'Tools')
  const shop = await createProject(
    world,
    maintainer,
    {
      namespace: demo.fullPath,
      path: 'shop',
      name: 'Shop',
      description: 'A very small shop',
      visibility: 'public',
    },
    join(import.meta.dirname, 'shop'),
  )
  const secret = { description: 'Nobody else sees this', visibility: 'private' } as const
  const at = (group: Group, path: string, name: string) => ({ namespace: group.fullPath, path, name, ...secret })
  const vault = await createProject(world, maintainer, at(demo, 'vault', 'Vault'), undefined)
  await createProject(world, maintainer, at(tools, 'warehouse', 'Warehouse'), undefined)
  const createdAt = root.createdAt
  for (const [project, person, accessLevel] of [
    [shop, maintainer, roles.maintainer],
    [shop, developer, roles.developer],
    [shop, reporter, roles.reporter],
    [shop, bot, roles.developer],
    [vault, maintainer, roles.maintainer],
  ] as const) {
    world.members.insert({ projectId: project.id, personId: person.id, accessLevel, createdAt })
  }
  // What is in a group is its members' too: the warehouse has no members of its own.
  for (const [group, person, accessLevel] of [
    [demo, maintainer, roles.maintainer],
    [tools, developer, roles.developer],
  ] as const) {
    world.groupMembers.insert({ groupId: group.id, personId: person.id, accessLevel, createdAt })
  }
  const time = now()
  world.issues.insert({
    iid: 1,
    projectId: shop.id,
    title: 'Add a health check',
    description:
      'Our load balancer wants to know whether the shop is alive.\n\n`GET /health` should answer 200 with `{"status":"ok"}`, and have a test.',
    authorId: maintainer.id,
    labelIds: [],
    assigneeIds: [],
    locked: false,
    confidential: false,
    issueType: 'issue',
    state: 'opened',
    createdAt: time,
    updatedAt: time,
    updatedById: null,
    lastEditedAt: null,
    lastEditedById: null,
    closedAt: null,
    closedById: null,
  })
  world.flush()
}

function addGroup(world: World, parent: Group | undefined, path: string, name: string): Group {
  const fullPath = parent === undefined ? path : `${parent.fullPath}/${path}`
  return world.groups.insert({ parentId: parent?.id ?? null, path, name, fullPath, createdAt: now() })
}
