/** What a container said that may never have reached the door (a crash at the start, an image without our entrypoint). */

/** The engine's stream of stdout and stderr → the bytes of both: each piece has a head of eight bytes, the last four its length. */
export function spoken(stream: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at + 8 <= stream.length; ) {
    const end = at + 8 + stream.readUInt32BE(at + 4)
    parts.push(stream.subarray(at + 8, end))
    at = end
  }
  return Buffer.concat(parts)
}
