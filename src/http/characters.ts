/** Where characters of UTF-8 begin and end. Pure. */

/** How many bytes from the beginning are whole characters: a character that has only begun at the end is left for later. */
export function wholeLength(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0
    if (isContinuation(byte)) continue
    return lengthOf(byte) > back ? bytes.length - back : bytes.length
  }
  // Bytes that are no text are told as they are.
  return bytes.length
}

/** How many bytes at the beginning belong to a character that began before. */
export function continued(bytes: Buffer): number {
  let length = 0
  while (length < Math.min(3, bytes.length) && isContinuation(bytes[length] ?? 0)) length++
  return length
}

function isContinuation(byte: number): boolean {
  return byte >= 0x80 && byte < 0xc0
}

function lengthOf(first: number): number {
  if (first >= 0xf0 && first < 0xf8) return 4
  if (first >= 0xe0 && first < 0xf0) return 3
  return first >= 0xc0 && first < 0xe0 ? 2 : 1
}
