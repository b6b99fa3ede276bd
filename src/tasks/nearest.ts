/** Which of the known words was meant. */

/** More mistakes than this, and it is another word. */
const MISTAKES = 2

/**
 * The known word at an edit distance of 1 or 2; the nearest, of equals the one that begins alike. `undefined` for a word that is none of them
 * by far. A word of one letter has no neighbours: everything would be one.
 */
export function nearest<Word extends string>(word: string, known: readonly Word[]): Word | undefined {
  const written = word.toLowerCase()
  const [best] = known
    .map((candidate) => ({ candidate, distance: distance(candidate, written), alike: alike(candidate, written) }))
    .filter(({ candidate, distance }) => distance <= Math.min(MISTAKES, candidate.length - 1, written.length - 1))
    .sort((a, b) => a.distance - b.distance || b.alike - a.alike)
  return best?.candidate
}

/** How many letters both begin with. */
function alike(a: string, b: string): number {
  let at = 0
  while (at < a.length && a[at] === b[at]) at++
  return at
}

/** Levenshtein distance; of words whose lengths alone tell them apart, just that they are. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > MISTAKES) return MISTAKES + 1
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [i, letter] of [...a].entries()) {
    const above = row
    row = [i + 1]
    for (const [j, other] of [...b].entries()) {
      const replace = (above[j] ?? 0) + (letter === other ? 0 : 1)
      row.push(Math.min(replace, (above[j + 1] ?? 0) + 1, (row[j] ?? 0) + 1))
    }
  }
  return row[b.length] ?? 0
}
