import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { roles } from './access.ts'
import type { Person, Project } from './entities.ts'
import { repositoryOf } from './gitFacts.ts'
import { addToken } from './tokens.ts'
import { now, type World } from './world.ts'

/**
 * The demo's world: a public shop to work on, a private vault, and people in all roles. Each one's token is `glpat-demo-` and
 * the user name. Does nothing where there are people already.
 */
export async function seed(world: World): Promise<void> {
  if (world.people.all().length > 0) return
  const root = addPerson(world, 'root', 'Administrator', { admin: true })
  const maintainer = addPerson(world, 'maintainer', 'Mara Maintainer')
  const developer = addPerson(world, 'developer', 'Dev Developer')
  const reporter = addPerson(world, 'reporter', 'Rory Reporter')
  addPerson(world, 'outsider', 'Otto Outsider')
  const bot = addPerson(world, 'errand-bot', 'Errand', { bot: true })

  const shop = await addProject(world, maintainer, {
    path: 'shop',
    name: 'Shop',
    description: 'A very small shop',
    visibility: 'public',
    files: join(import.meta.dirname, 'shop'),
  })
  const vault = await addProject(world, maintainer, {
    path: 'vault',
    name: 'Vault',
    description: 'Nobody else sees this',
    visibility: 'private',
    files: undefined,
  })
  for (const [project, person, level] of [
    [shop, maintainer, roles.maintainer],
    [shop, developer, roles.developer],
    [shop, reporter, roles.reporter],
    [shop, bot, roles.developer],
    [vault, maintainer, roles.maintainer],
  ] as const) {
    world.members.insert({ projectId: project.id, personId: person.id, accessLevel: level, createdAt: root.createdAt })
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
    state: 'opened',
    createdAt: time,
    updatedAt: time,
    updatedById: null,
    closedAt: null,
    closedById: null,
  })
  world.flush()
}

function addPerson(
  world: World,
  username: string,
  name: string,
  more: { admin?: boolean; bot?: boolean } = {},
): Person {
  const { admin = false, bot = false } = more
  const person = world.people.insert({ username, name, bot, admin, state: 'active', createdAt: now() })
  addToken(world, person, { name: 'demo', value: `glpat-demo-${username}`, scopes: ['api', 'self_rotate'] })
  return person
}

type NewProject = Pick<Project, 'path' | 'name' | 'description' | 'visibility'> & {
  /** A folder whose files are the first commit; without it there is only a README. */
  readonly files: string | undefined
}

async function addProject(world: World, author: Person, { files, ...fields }: NewProject): Promise<Project> {
  const time = now()
  const project = world.projects.insert({
    ...fields,
    namespace: 'demo',
    defaultBranch: 'main',
    archived: false,
    createdAt: time,
    updatedAt: time,
  })
  world.protectedBranches.insert({
    projectId: project.id,
    name: 'main',
    pushLevel: roles.maintainer,
    mergeLevel: roles.maintainer,
    allowForcePush: false,
  })
  const repository = repositoryOf(world, project)
  rmSync(repository, { recursive: true, force: true })
  await world.git.run(world.data, ['init', '--quiet', '--bare', '--template=', '--initial-branch=main', repository])
  const tree =
    files === undefined ? await treeOfReadme(world, repository, project) : await treeOfFiles(world, repository, files)
  const identity = ['-c', `user.name=${author.name}`, '-c', `user.email=${author.username}@sandbox.invalid`]
  const commit = await world.git.run(repository, [...identity, 'commit-tree', tree, '-m', `Start the ${project.path}`])
  await world.git.run(repository, ['update-ref', 'refs/heads/main', commit])
  return project
}

async function treeOfReadme(world: World, repository: string, project: Project): Promise<string> {
  const blob = await world.git.run(repository, ['hash-object', '-w', '--stdin'], `# ${project.name}\n`)
  return world.git.run(repository, ['mktree'], `100644 blob ${blob}\tREADME.md\n`)
}

/** Scripts are executable in the repository, wherever the files came from. */
async function treeOfFiles(world: World, repository: string, files: string): Promise<string> {
  const git = ['--git-dir', repository, '--work-tree', files]
  await world.git.run(files, [...git, 'add', '--all', '--force', '.'])
  await world.git.run(files, [...git, 'update-index', '--chmod=+x', 'agent-setup.sh'])
  const tree = await world.git.run(files, [...git, 'write-tree'])
  rmSync(join(repository, 'index'))
  return tree
}
