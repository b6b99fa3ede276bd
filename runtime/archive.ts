/**
 * Folders → one gzipped tar. Written here and not by a program, as not every image has a tar. POSIX ustar with `path` records for
 * long names, so that any tar can show one; unarchive.ts reads it.
 */

import { accessSync, constants, lstatSync, readdirSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'

/** What tar's parts are padded to; bytes. */
export const BLOCK = 512
/** Bytes before compression, and files and folders: more is neither packed nor unpacked. */
export const LARGEST_CONTENT = 1024 * 1024 * 1024
export const MOST_ENTRIES = 100_000

export type Packed = {
  /** Missing when it is larger than it may be. */
  readonly archive?: Buffer<ArrayBuffer>
  /** The archive's bytes, compressed; those of the contents where these alone are too many. */
  readonly size: number
}

/** A file that is made up, at the archive's beginning. */
export type Note = { readonly name: string; readonly text: string }

type Found = { readonly path: string; readonly size: number; readonly isFolder: boolean }

/** Packs `note` and whatever plain files and folders there are at `paths` below `root`, without links, pipes and sockets. */
export async function pack(
  root: string,
  paths: readonly string[],
  note: Note,
  largest: number,
  signal: AbortSignal,
): Promise<Packed> {
  const found = paths.flatMap((path) => [...find(root, path)])
  const contents = found.reduce((sum, one) => sum + one.size, 0)
  if (contents > LARGEST_CONTENT || found.length > MOST_ENTRIES) return { size: contents }
  const chunks: Buffer[] = []
  let size = 0
  await pipeline(
    Readable.from(tar(root, found, note)),
    createGzip(),
    async (packed: AsyncIterable<Buffer>) => {
      for await (const chunk of packed) {
        size += chunk.length
        if (size <= largest) chunks.push(chunk)
      }
    },
    { signal },
  )
  return size <= largest ? { archive: Buffer.concat(chunks), size } : { size }
}

/** What cannot be read is passed over. */
function* find(root: string, path: string): Generator<Found> {
  const stat = lstatSync(join(root, path), { throwIfNoEntry: false })
  if (stat === undefined || !(stat.isFile() || stat.isDirectory())) return
  const isFolder = stat.isDirectory()
  try {
    accessSync(join(root, path), isFolder ? constants.R_OK | constants.X_OK : constants.R_OK)
  } catch {
    return
  }
  yield { path, size: isFolder ? 0 : stat.size, isFolder }
  if (isFolder) for (const name of readdirSync(join(root, path))) yield* find(root, `${path}/${name}`)
}

async function* tar(root: string, found: readonly Found[], note: Note): AsyncGenerator<Buffer> {
  const text = Buffer.from(note.text)
  yield* header(note.name, text.length, '0')
  yield padded(text)
  for (const { path, size, isFolder } of found) {
    yield* header(isFolder ? `${path}/` : path, size, isFolder ? '5' : '0')
    if (size === 0) continue
    const file = await open(join(root, path), constants.O_RDONLY | constants.O_NOFOLLOW)
    let left = size
    for await (const chunk of file.createReadStream({ end: size - 1 }) as AsyncIterable<Buffer>) {
      left -= chunk.length
      yield chunk
    }
    // Nobody writes to it any more; should it be shorter all the same, what follows stays where it belongs.
    yield Buffer.alloc(left + padding(size))
  }
  yield Buffer.alloc(2 * BLOCK)
}

function* header(path: string, size: number, type: '0' | '5' | 'x'): Generator<Buffer> {
  const name = Buffer.from(path)
  if (type !== 'x' && (name.length > 100 || name.length !== path.length)) {
    const record = paxRecord('path', path)
    yield* header('path', record.length, 'x')
    yield padded(record)
  }
  const block = Buffer.alloc(BLOCK)
  const octal = (value: number, length: number) => value.toString(8).padStart(length, '0')
  name.copy(block, 0, 0, 100)
  block.write(`${octal(type === '5' ? 0o755 : 0o644, 7)}\0${octal(0, 7)}\0${octal(0, 7)}\0`, 100)
  block.write(`${octal(size, 11)}\0${octal(0, 11)}\0${' '.repeat(8)}${type}`, 124)
  block.write('ustar\x0000', 257)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${octal(sum, 6)}\0 `, 148)
  yield block
}

/** `<length> path=<value>\n`, the length counting itself. */
function paxRecord(key: string, value: string): Buffer {
  const rest = ` ${key}=${value}\n`
  const bytes = Buffer.byteLength(rest)
  let length = bytes + String(bytes).length
  if (String(length).length > String(bytes).length) length += 1
  return Buffer.from(`${length}${rest}`)
}

function padding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(padding(bytes.length))])
}
