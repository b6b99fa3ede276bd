/** git's packets on the wire: four hexadecimal digits of length, themselves included, and the bytes (gitprotocol-common). */

/** A packet's bytes without its length, or one of the packets without bytes. */
export type Packet = Buffer | 'flush' | 'delimiter' | 'end'

export type PacketRead = { readonly packet: Packet; readonly next: number }

/** The packet that begins at `at`; `more` while it is not whole; `broken` when it is none. */
export function readPacket(bytes: Buffer, at: number): PacketRead | 'more' | 'broken' {
  if (at + 4 > bytes.length) return 'more'
  const digits = bytes.toString('latin1', at, at + 4)
  if (!/^[0-9a-fA-F]{4}$/.test(digits)) return 'broken'
  const length = Number.parseInt(digits, 16)
  if (length === 0) return { packet: 'flush', next: at + 4 }
  if (length === 1) return { packet: 'delimiter', next: at + 4 }
  if (length === 2) return { packet: 'end', next: at + 4 }
  if (length === 3) return 'broken'
  if (at + length > bytes.length) return 'more'
  return { packet: bytes.subarray(at + 4, at + length), next: at + length }
}

export const FLUSH = Buffer.from('0000')

/** One packet with these bytes; at most 65,516 of them. */
export function packet(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content)
  return Buffer.concat([Buffer.from((bytes.length + 4).toString(16).padStart(4, '0')), bytes])
}
