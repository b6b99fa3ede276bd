/** Looks at how a stream begins, without taking anything out of it. */

import type { Readable } from 'node:stream'

/**
 * Asks `read` about the beginning, with ever more bytes, until it says something else than `more`, and gives that. The
 * stream then still holds all its bytes. `read` bounds how many are held. When the stream ends before, `more` is given.
 */
export function peek<T>(stream: Readable, read: (beginning: Buffer) => T | 'more'): Promise<T | 'more'> {
  return new Promise((resolve, reject) => {
    let beginning = Buffer.alloc(0)
    const done = () => {
      stream.off('readable', look).off('end', ended).off('error', failed)
    }
    const failed = (error: Error) => {
      done()
      reject(error)
    }
    const ended = () => {
      done()
      resolve('more')
    }
    const look = () => {
      for (;;) {
        const chunk: Buffer | null = stream.read()
        if (chunk === null) return
        beginning = Buffer.concat([beginning, chunk])
        const answer = read(beginning)
        if (answer === 'more') continue
        done()
        // At once: in the next turn a stream that was read to its end has ended.
        stream.unshift(beginning)
        resolve(answer)
        return
      }
    }
    stream.on('readable', look).on('end', ended).on('error', failed)
  })
}
