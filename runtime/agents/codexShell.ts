/** Codex runs every command by a shell of its own: `/bin/bash -lc 'npm test'`. People read what the model asked for. Pure. */

const WRAPPED = /^\S*\b(?:ba|z|da)?sh -l?c /

/** The command inside; what is not wrapped, or in a way that is not known, stays as it is. */
export function unwrapped(command: string): string {
  const start = WRAPPED.exec(command)
  return (start === null ? undefined : oneWord(command.slice(start[0].length))) ?? command
}

/** A shell's word without its quotes; undefined where it is none, or more than one. */
function oneWord(text: string): string | undefined {
  let word = ''
  let at = 0
  while (at < text.length) {
    const part = /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|([^\s'"\\]+)/sy
    part.lastIndex = at
    const found = part.exec(text)
    if (found === null) return undefined
    const [whole, single, double, escaped, plain] = found
    word += single ?? double?.replace(/\\([$`"\\])/g, '$1') ?? escaped ?? plain ?? ''
    at += whole.length
  }
  return word
}
