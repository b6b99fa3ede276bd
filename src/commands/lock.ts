/** One process per folder: two of them would end each other's Redis and runs. */

import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startOf } from '../local/processes.ts'
import { StartError } from './startError.ts'

type Owner = { readonly pid: number; readonly start: string | undefined }

/** A lock whose owner is dead is taken over. */
export async function lockFolder(folder: string): Promise<AsyncDisposable> {
  const file = join(folder, 'owner.json')
  const owner: Owner = { pid: process.pid, start: await startOf(process.pid) }
  for (let tries = 0; tries < 10; tries++) {
    try {
      await writeFile(file, JSON.stringify(owner), { flag: 'wx' })
      return { [Symbol.asyncDispose]: () => rm(file, { force: true }) }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
        throw new StartError(`${folder}: ${(error as Error).message}`)
    }
    const other = await readOwner(file)
    if (other !== undefined && other.start !== undefined && (await startOf(other.pid)) === other.start) {
      throw new StartError(`${folder} is in use by process ${other.pid}: end that, or choose another folder.`)
    }
    await rm(file, { force: true })
  }
  throw new StartError(`${folder} is in use: choose another folder.`)
}

async function readOwner(file: string): Promise<Owner | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch {
    return undefined
  }
}
