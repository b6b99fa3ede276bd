/** Characters that nobody sees: taken out, but where writing needs them (reliability.md T2). */

/**
 * Default ignorable, format and control characters: zero widths, direction marks, tags, variation selectors, fillers. Format characters of
 * Arabic, Syriac and Kaithi that are seen are none of them, nor are line feed and tab.
 */
const UNSEEN =
  '[[\\p{DI}\\p{Cf}\\p{Cc}]--[\\n\\t\\u0600-\\u0605\\u06DD\\u070F\\u0890\\u0891\\u08E2\\u{110BD}\\u{110CD}]]'
const RUN = new RegExp(`${UNSEEN}+`, 'gv')
const ONE = new RegExp(`^${UNSEEN}$`, 'v')

/** Scripts in which a joiner or non-joiner between two letters changes what is read. */
const JOINING =
  '[\\p{scx=Arab}\\p{scx=Syrc}\\p{scx=Mong}\\p{scx=Deva}\\p{scx=Beng}\\p{scx=Guru}\\p{scx=Gujr}\\p{scx=Orya}\\p{scx=Taml}\\p{scx=Telu}\\p{scx=Knda}\\p{scx=Mlym}\\p{scx=Sinh}\\p{scx=Khmr}\\p{scx=Mymr}\\p{scx=Tibt}]'
const JOINING_BEFORE = new RegExp(`[${JOINING}&&[\\p{L}\\p{M}]]$`, 'v')
const JOINING_AFTER = new RegExp(`^[${JOINING}&&[\\p{L}\\p{M}]]`, 'v')

const EMOJI_BEFORE = /(?:\p{Extended_Pictographic}|\p{Emoji_Modifier})$/u
const EMOJI_AFTER = /^\p{Extended_Pictographic}/u

/** What stands behind a black flag for England, Scotland and Wales, as letters; the only sequences of tags in use. */
const FLAGS = ['gbeng', 'gbsct', 'gbwls'].map(
  (region) => `${[...region].map((letter) => tag(letter.charCodeAt(0))).join('')}${tag(0x7f)}`,
)

export type Shown = {
  readonly text: string
  /** How many characters were taken out. */
  readonly hidden: number
}

/** Linear in the text. Line ends become line feeds, which is not counted. */
export function withoutInvisible(text: string): Shown {
  const whole = text.toWellFormed().replace(/\r\n?|[\u2028\u2029]/g, '\n')
  let hidden = 0
  const shown = whole.replace(RUN, (run, at: number) => {
    // No character has more than two units.
    if (isNeeded(run, whole.slice(Math.max(0, at - 2), at), whole.slice(at + run.length, at + run.length + 2)))
      return run
    hidden += [...run].length
    return ''
  })
  return { text: shown, hidden }
}

export function isInvisible(character: string): boolean {
  return ONE.test(character)
}

function isNeeded(run: string, before: string, after: string): boolean {
  switch (run) {
    case '\uFE0E':
    case '\uFE0F':
      return EMOJI_BEFORE.test(before) || (/[\d#*]$/.test(before) && after.startsWith('\u20E3'))
    case '\uFE0F\u200D':
      return EMOJI_BEFORE.test(before) && EMOJI_AFTER.test(after)
    case '\u200D':
      return (EMOJI_BEFORE.test(before) && EMOJI_AFTER.test(after)) || isJoining(before, after)
    case '\u200C':
      return isJoining(before, after)
    default:
      return before.endsWith('\u{1F3F4}') && FLAGS.includes(run)
  }
}

function isJoining(before: string, after: string): boolean {
  return JOINING_BEFORE.test(before) && JOINING_AFTER.test(after)
}

/** The invisible twin of an ASCII character. */
function tag(code: number): string {
  return String.fromCodePoint(0xe0000 + code)
}
