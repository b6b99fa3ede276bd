import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { roles } from './access.ts'
import type { Person, Project } from './entities.ts'
import { repositoryOf } from './gitFacts.ts'
import { now, type World } from './world.ts'

/** What a project is begun with. */
export type NewProject = Pick<Project, 'namespace' | 'path' | 'name' | 'description' | 'visibility'>

/** A project whose first commit are the files of a folder, or a README; its default branch is protected. */
export async function createProject(
  world: World,
  author: Person,
  fields: NewProject,
  files: string | undefined,
): Promise<Project> {
  const time = now()
  const project = world.projects.insert({
    ...fields,
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
