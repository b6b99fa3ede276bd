/** What git-receive-pack answers: whether the pack was taken, and what became of each ref. */

import { FLUSH, packet, readPacket } from './pktLine.ts'
import type { Command, PushRequest } from './pushCommands.ts'

/** The answer that refuses every ref for the same reason, as git shows it: `! [remote rejected] x -> x (reason)`. */
export function refusal({ commands, capabilities }: PushRequest, reason: string): Buffer {
  const why = reason.replace(/\s+/g, ' ').slice(0, 900)
  const lines = ['unpack ok\n', ...commands.map(({ ref }) => `ng ${ref} ${why}\n`)]
  const report = Buffer.concat([...lines.map(packet), FLUSH])
  if (!capabilities.includes('side-band-64k')) return report
  const pieces: Buffer[] = []
  for (let at = 0; at < report.length; at += 60_000) {
    pieces.push(packet(Buffer.concat([Buffer.from([1]), report.subarray(at, at + 60_000)])))
  }
  return Buffer.concat([...pieces, FLUSH])
}

/** Reads an answer as it passes by; keeps no more than one packet of it. */
export type ReportReader = {
  read(chunk: Buffer): void
  /** Whether the answer so far says that the command's ref was moved. */
  moved(): boolean
}

/** What the server says about one command, wrapped in a side band or not, as was agreed in the request. */
export function reportReader({ ref }: Command, capabilities: readonly string[]): ReportReader {
  let unpacked = false
  let ok = false
  const lines = packetReader((line) => {
    const text = line.toString('utf8').replace(/\n$/, '')
    if (text === 'unpack ok') unpacked = true
    if (text === `ok ${ref}`) ok = true
  })
  const banded = ['side-band-64k', 'side-band'].some((band) => capabilities.includes(band))
  const wrapped = packetReader((content) => content[0] === 1 && lines(content.subarray(1)))
  return { read: banded ? wrapped : lines, moved: () => unpacked && ok }
}

/** Gives each packet's content; after something that is no packet nothing more can be understood, and nothing is given. */
function packetReader(each: (content: Buffer) => void): (chunk: Buffer) => void {
  let waiting = Buffer.alloc(0)
  let broken = false
  return (chunk) => {
    if (broken) return
    waiting = Buffer.concat([waiting, chunk])
    let at = 0
    for (;;) {
      const read = readPacket(waiting, at)
      if (read === 'more') break
      if (read === 'broken') {
        broken = true
        break
      }
      if (read.packet instanceof Buffer) each(read.packet)
      at = read.next
    }
    waiting = broken ? Buffer.alloc(0) : waiting.subarray(at)
  }
}
