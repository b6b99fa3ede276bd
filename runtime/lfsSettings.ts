/** How a git directory keeps LFS files, the clone's and our own alike. */

import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { doorUrl } from './git.ts'
import type { Start } from './given.ts'

/** Whether the image has it. */
export function hasLfs(start: Pick<Start, 'outer'>): boolean {
  return (start.outer.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'git-lfs')))
}

/** What a git directory must know so that LFS files become pointers in it, and their contents stay where the push finds them. */
export function lfsSettings(start: Start): Readonly<Record<string, string>> {
  const url = `${doorUrl(start)}/info/lfs`
  return {
    'lfs.url': url,
    'lfs.pushurl': url,
    'lfs.storage': start.places.lfs,
    'lfs.locksverify': 'false',
    // On top of our own tries.
    'lfs.transfer.maxretries': '2',
    'lfs.transfer.maxretrydelay': '2',
    'filter.lfs.clean': 'git-lfs clean -- %f',
    'filter.lfs.smudge': 'git-lfs smudge -- %f',
    'filter.lfs.process': 'git-lfs filter-process',
    'filter.lfs.required': 'true',
  }
}
