import type { Project } from './entities.ts'
import { repositoryOf } from './gitFacts.ts'
import type { World } from './world.ts'

/** One changed file, as the API shows it; `diff` begins with its first hunk. */
export type FileDiff = {
  readonly old_path: string
  readonly new_path: string
  readonly a_mode: string
  readonly b_mode: string
  readonly new_file: boolean
  readonly renamed_file: boolean
  readonly deleted_file: boolean
  readonly generated_file: boolean
  readonly collapsed: boolean
  readonly too_large: boolean
  readonly diff: string
}

/** What differs between two commits, file by file in git's order. */
export async function diffsBetween(world: World, project: Project, from: string, to: string): Promise<FileDiff[]> {
  const repository = repositoryOf(world, project)
  const raw = await world.git.run(repository, ['diff', '-M', '--raw', '-z', '--no-abbrev', from, to, '--'])
  const patch = await world.git.run(repository, ['diff', '-M', '--no-color', '--no-ext-diff', from, to, '--'])
  // Lines of content begin with a sign, so that only headers begin like this.
  const patches = `\n${patch}\n`.split(/\ndiff --git /).slice(1)
  return entries(raw).map((entry, index) => {
    const text = patches[index] ?? ''
    const start = text.indexOf('\n@@ ')
    return {
      ...entry,
      generated_file: false,
      collapsed: false,
      too_large: false,
      diff: start < 0 ? '' : `${text.slice(start + 1).replace(/\n$/, '')}\n`,
    }
  })
}

/** `:100644 100644 <sha> <sha> R100\0old\0new\0` … → files. */
function entries(raw: string) {
  const parts = raw.split('\0')
  const files = []
  for (let index = 0; index < parts.length; ) {
    const [oldMode = '', newMode = '', , , status = ''] = (parts[index] ?? '').replace(/^:/, '').split(' ')
    if (status === '') break
    const renamed = status.startsWith('R')
    const oldPath = parts[index + 1] ?? ''
    const newPath = renamed ? (parts[index + 2] ?? '') : oldPath
    index += renamed ? 3 : 2
    files.push({
      old_path: oldPath,
      new_path: newPath,
      a_mode: oldMode,
      b_mode: newMode,
      new_file: status === 'A',
      renamed_file: renamed,
      deleted_file: status === 'D',
    })
  }
  return files
}
