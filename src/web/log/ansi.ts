/** A line's colours. Of all that a terminal can be told only SGR is heard; every other sequence (cursor, title, OSC 8 links, …) is dropped. Pure. */

import Anser from 'anser'
import { visible } from '../visible.ts'

export type Token = {
  readonly text: string
  /** Classes of log.css. */
  readonly style: string
  /** `r, g, b` of colours that are not the theme's. */
  readonly colour: string | undefined
  readonly ground: string | undefined
}

// Strings for the terminal (OSC, DCS, SOS, PM, APC) with their ends, in the seven and eight bit forms; what is never ended goes to the line's end.
const STRINGS =
  /(?:\u001b[\]PX^_]|[\u009d\u0090\u0098\u009e\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c|(?=\u001b)|$)/g
const CONTROLS = /(?:\u001b\[|\u009b)([0-?]*)([ -/]*)([@-~])/g
const OTHERS = /\u001b(?!\[[0-9;]*m)(?:[ -/]*[0-~]?)/g

/** Colours begin anew on each line. */
export function tokens(line: string): readonly Token[] {
  const clean = onlyColours(lastWritten(line))
  if (!clean.includes('\u001b')) return [{ text: visible(clean), style: '', colour: undefined, ground: undefined }]
  return Anser.ansiToJson(clean, { use_classes: true, remove_empty: true }).map((part) => {
    const [fg, bg] = [String(part.fg ?? ''), String(part.bg ?? '')]
    const style = [
      /^ansi-(bright-)?[a-z]+$/.test(fg) && fg !== 'ansi-truecolor' ? fg : '',
      /^ansi-(bright-)?[a-z]+$/.test(bg) && bg !== 'ansi-truecolor' ? `on-${bg}` : '',
      ...part.decorations.map((name) => `is-${name}`),
    ]
    return {
      text: visible(part.content),
      style: style.filter((one) => one !== '').join(' '),
      colour: colour(fg, part.fg_truecolor),
      ground: colour(bg, part.bg_truecolor),
    }
  })
}

/** The line without its colours, as far as it is shown. */
export function plain(line: string): string {
  return tokens(line)
    .map(({ text }) => text)
    .join('')
}

/** A carriage return begins the line anew: progress bars. */
function lastWritten(line: string): string {
  const text = line.replace(/\r+$/, '')
  return text.slice(text.lastIndexOf('\r') + 1)
}

function onlyColours(line: string): string {
  if (!/[\u001b\u0080-\u009f]/.test(line)) return line
  return line
    .replace(STRINGS, '')
    .replace(CONTROLS, (_, numbers: string, between: string, end: string) =>
      end === 'm' && between === '' && /^[\d;:]*$/.test(numbers) ? `\u001b[${numbers.replaceAll(':', ';')}m` : '',
    )
    .replace(OTHERS, '')
}

function colour(name: string, exact: string | null): string | undefined {
  if (name === 'ansi-truecolor')
    return /^\d{1,3}, ?\d{1,3}, ?\d{1,3}$/.test(exact ?? '') ? (exact ?? undefined) : undefined
  const number = /^ansi-palette-(\d+)$/.exec(name)?.[1]
  return number === undefined ? undefined : palette(Number(number))
}

/** The colours 16 to 255 of xterm: a cube of six steps, then greys. */
function palette(number: number): string | undefined {
  if (number < 16 || number > 255) return undefined
  if (number >= 232)
    return Array(3)
      .fill(8 + (number - 232) * 10)
      .join(', ')
  const step = (value: number) => (value === 0 ? 0 : 55 + value * 40)
  const at = number - 16
  return [Math.floor(at / 36), Math.floor(at / 6) % 6, at % 6].map(step).join(', ')
}
