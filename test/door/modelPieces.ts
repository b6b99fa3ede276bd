/** The same bytes in pieces: each number is the length of one, as far as they reach. */
export function pieces(bytes: Buffer, lengths: readonly number[]): readonly Buffer[] {
  const all: Buffer[] = []
  let at = 0
  for (const length of lengths) {
    const piece = bytes.subarray(at, at + (length % 40))
    all.push(piece)
    at += piece.length
  }
  return [...all, bytes.subarray(at)]
}
