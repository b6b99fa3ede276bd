/**
 * What a character reference of HTML stands for, asked of the browser: in place of decode-named-character-reference, whose table would
 * be a tenth of the page. The policy lets one reference through, and nothing that could be markup.
 */

type Policy = { createHTML(value: string): string }
type Factory = { createPolicy(name: string, rules: Policy): Policy }

const SHAPE = /^&[a-zA-Z][a-zA-Z0-9]*;$/

const rules: Policy = {
  createHTML(value) {
    if (!SHAPE.test(value)) throw new TypeError('This is no character reference.')
    return value
  },
}
const factory = (globalThis as { trustedTypes?: Factory }).trustedTypes
const policy = factory?.createPolicy('character-reference', rules) ?? rules
const holder = document.createElement('textarea')

/** `amp` → `&`; false where there is no such reference. */
export function decodeNamedCharacterReference(name: string): string | false {
  const reference = `&${name};`
  if (!SHAPE.test(reference)) return false
  holder.innerHTML = policy.createHTML(reference)
  const found = holder.value
  // `&notit;` is read as `¬it;`: a rest means that the name is not one.
  return found === reference || (found.endsWith(';') && name !== 'semi') ? false : found
}
