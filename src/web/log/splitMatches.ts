export type Piece = { readonly text: string; readonly matches: boolean }

/** A text cut at where it matches, letter case aside. Pure. */
export function splitMatches(text: string, search: string): readonly Piece[] {
  if (search === '') return [{ text, matches: false }]
  const [low, wanted] = [text.toLowerCase(), search.toLowerCase()]
  // Letters that change their length in lower case would shift what is marked.
  if (low.length !== text.length) return [{ text, matches: false }]
  const pieces: Piece[] = []
  let from = 0
  for (let at = low.indexOf(wanted); at >= 0; at = low.indexOf(wanted, from)) {
    if (at > from) pieces.push({ text: text.slice(from, at), matches: false })
    pieces.push({ text: text.slice(at, at + wanted.length), matches: true })
    from = at + wanted.length
  }
  if (from < text.length) pieces.push({ text: text.slice(from), matches: false })
  return pieces
}
