/** Where something stands next in the text, from a place on; -1 for nowhere. A regular expression has the flag `g`. */
export type Find = (what: string | RegExp, from: number) => number

/** Asked from place to place, a search is made once: what was found for a place holds for all up to the finding. */
export function finder(text: string): Find {
  const found = new Map<string, { readonly from: number; readonly at: number }>()
  return (what, from) => {
    const key = String(what)
    const known = found.get(key)
    if (known !== undefined && known.from <= from && (known.at === -1 || from <= known.at)) return known.at
    const at = search(text, what, from)
    found.set(key, { from, at })
    return at
  }
}

function search(text: string, what: string | RegExp, from: number): number {
  if (typeof what === 'string') return text.indexOf(what, from)
  what.lastIndex = from
  return what.exec(text)?.index ?? -1
}
