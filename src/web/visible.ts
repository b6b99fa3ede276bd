/**
 * Text of others as it really is. Characters that reorder, hide or overwrite what stands around them are shown by their code point: a
 * branch or a log line must not read as something else than it is. Pure.
 */

/** C0 and C1, soft hyphen, zero width, bidi, line separators, the alphabet of tags. */
const HIDDEN =
  /\p{Cc}|[\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu

/** Joiners inside emoji and scripts that need them are left where a letter or a pictograph stands on both sides. */
const JOINED = /(?:\p{L}|\p{M}|\p{Extended_Pictographic}|\ufe0f)(?:\u200c|\u200d)(?:\p{L}|\p{Extended_Pictographic})/u

export function visible(text: string): string {
  return text.replace(HIDDEN, (character, at: number) => {
    if (character === '\n' || character === '\t') return character
    if (character === '\r') return ''
    if ((character === '\u200d' || character === '\u200c') && JOINED.test(text.slice(Math.max(0, at - 2), at + 3))) {
      return character
    }
    return `‹U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}›`
  })
}
