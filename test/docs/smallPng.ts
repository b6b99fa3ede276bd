/** A picture of a screen with at most 256 colours: a third of the bytes, and nobody sees the difference. */

import { crc32, deflateSync } from 'node:zlib'

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
const MOST = 256

/** `pixels`: red, green, blue, opacity of each, row by row; all of them opaque. */
export function smallPng(width: number, height: number, pixels: Uint8Array): Buffer {
  const colours = new Map<number, number>()
  const colourAt = (at: number): number =>
    ((pixels[at * 4] ?? 0) << 16) | ((pixels[at * 4 + 1] ?? 0) << 8) | (pixels[at * 4 + 2] ?? 0)
  for (let at = 0; at < width * height; at++) colours.set(colourAt(at), (colours.get(colourAt(at)) ?? 0) + 1)
  const palette = paletteOf(colours)
  const indexOf = new Map([...colours.keys()].map((colour) => [colour, nearest(palette, colour)]))

  // Each row begins with its filter: none.
  const rows = Buffer.alloc(height * (width + 1))
  for (let at = 0; at < width * height; at++)
    rows[Math.floor(at / width) * (width + 1) + 1 + (at % width)] = indexOf.get(colourAt(at)) ?? 0

  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  // Eight bits each, by palette.
  header.set([8, 3, 0, 0, 0], 8)
  const bytes = palette.flatMap(channels)
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(bytes)),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function channels(colour: number): [red: number, green: number, blue: number] {
  return [colour >> 16, (colour >> 8) & 255, colour & 255]
}

/** The most frequent colour, then again and again the one that is missed most: by how many, and how far from those that are there. */
function paletteOf(colours: ReadonlyMap<number, number>): readonly number[] {
  const palette: number[] = []
  const missed = new Map([...colours.keys()].map((colour) => [colour, Number.MAX_SAFE_INTEGER]))
  const weight = (colour: number): number => (colours.get(colour) ?? 0) * (missed.get(colour) ?? 0)
  while (palette.length < MOST && missed.size > 0) {
    const next = [...missed.keys()].reduce((best, colour) => (weight(colour) > weight(best) ? colour : best))
    palette.push(next)
    missed.delete(next)
    for (const [colour, before] of missed) missed.set(colour, Math.min(before, distance(colour, next)))
  }
  return palette
}

function nearest(palette: readonly number[], colour: number): number {
  const distances = palette.map((other) => distance(colour, other))
  return distances.indexOf(Math.min(...distances))
}

function distance(one: number, other: number): number {
  const [a, b] = [channels(one), channels(other)]
  return (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2
}

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data])
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  check.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, check])
}
