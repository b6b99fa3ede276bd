import type { Readable } from 'node:stream'

/** All bytes of a stream, if they are no more than so many; otherwise nothing, and the rest is not read. */
export async function readWhole(stream: Readable, most: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > most) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
