/**
 * An archive of archive.ts → files below a folder. What is in it was made by an agent, so it is not trusted: plain files and
 * folders only, by plain relative names, each once, into a folder that nobody else has touched, and not more than a disk can take.
 */

import { mkdir, open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { BLOCK, LARGEST_CONTENT, MOST_ENTRIES } from './archive.ts'

/** Why an archive is not taken; the files it had until there are left behind. */
export class Damaged extends Error {}

/** Longer is no name of ours; bytes. */
const LONGEST_NAME = 16 * 1024

/** Unpacks into `folder`, which must be new. Throws `Damaged`. */
export async function unpack(archive: Uint8Array, folder: string): Promise<void> {
  const source = reader(archive)
  let long: string | undefined
  let left = LARGEST_CONTENT
  for (let n = 0; ; n += 1) {
    const block = await source.take(BLOCK)
    if (block.every((byte) => byte === 0)) return
    if (n > 2 * MOST_ENTRIES) throw new Damaged('it has too many files')
    const { name, size, type } = readHeader(block)
    if (type === 'x') {
      if (size > LONGEST_NAME) throw new Damaged('it has a name that is too long')
      long = readPath(await source.take(size))
      await source.take(padding(size))
      continue
    }
    left -= size
    if (left < 0) throw new Damaged('it is too large')
    const path = join(folder, safe(long ?? name))
    long = undefined
    const parents = type === '5' ? path : dirname(path)
    await mkdir(parents, { recursive: true, mode: 0o700 }).catch(unfit)
    if (type === '0') await write(path, size, source)
  }
}

type Source = { take(bytes: number): Promise<Buffer>; some(most: number): Promise<Buffer> }

/** The archive's bytes, decompressed as they are asked for. */
function reader(archive: Uint8Array): Source {
  const gunzip = createGunzip()
  Readable.from([archive]).pipe(gunzip)
  const chunks = gunzip[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  let held = Buffer.alloc(0)
  const more = async () => {
    const next = await chunks.next().catch((error: unknown) => {
      throw new Damaged(error instanceof Error ? error.message : String(error))
    })
    if (next.done) throw new Damaged('it breaks off')
    held = held.length === 0 ? Buffer.from(next.value) : Buffer.concat([held, next.value])
  }
  const cut = (bytes: number) => {
    const part = held.subarray(0, bytes)
    held = held.subarray(bytes)
    return part
  }
  return {
    async take(bytes) {
      while (held.length < bytes) await more()
      return cut(bytes)
    },
    async some(most) {
      if (held.length === 0) await more()
      return cut(Math.min(most, held.length))
    },
  }
}

/** Exclusively: a name that comes twice, or that is there already, is not followed anywhere. */
async function write(path: string, size: number, source: Source): Promise<void> {
  const file = await open(path, 'wx', 0o600).catch(unfit)
  try {
    for (let left = size; left > 0; ) {
      const part = await source.some(left)
      await file.writeFile(part)
      left -= part.length
    }
  } finally {
    await file.close()
  }
  await source.take(padding(size))
}

/** Names that do not fit each other, or no disk, are the archive's fault; all else is not. */
function unfit(error: NodeJS.ErrnoException): never {
  const isTheirs = ['EEXIST', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG', 'EINVAL'].includes(error.code ?? '')
  throw isTheirs ? new Damaged('it has a name twice, or one that is none') : error
}

function readHeader(block: Buffer): { name: string; size: number; type: string } {
  const text = (from: number, length: number) => {
    const field = block.subarray(from, from + length)
    const end = field.indexOf(0)
    return field.subarray(0, end < 0 ? length : end).toString('utf8')
  }
  const sum = block.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 0x20 : byte), 0)
  const size = /^[0-7]{11}$/.test(text(124, 12)) ? Number.parseInt(text(124, 12), 8) : Number.NaN
  const type = text(156, 1)
  if (Number.parseInt(text(148, 8), 8) !== sum || Number.isNaN(size)) throw new Damaged('it is no archive of ours')
  if (!['0', '5', 'x'].includes(type) || (type === '5' && size > 0))
    throw new Damaged('it has more than files and folders')
  return { name: text(0, 100), size, type }
}

/** The one record we write: `<length> path=<name>\n`. */
function readPath(record: Buffer): string {
  const [, length, path] = /^(\d+) path=(.*)\n$/s.exec(record.toString('utf8')) ?? []
  if (path === undefined || Number(length) !== record.length) throw new Damaged('it is no archive of ours')
  return path
}

/** A relative path without detours. */
function safe(path: string): string {
  const plain = path.replace(/\/$/, '')
  const parts = plain.split('/')
  if (plain.includes('\0') || parts.some((part) => part === '' || part === '.' || part === '..'))
    throw new Damaged('it has a name that leads elsewhere')
  return plain
}

function padding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK
}
