/** The end of a CI job's log, as a person would read it. */

import { withoutInvisible } from './invisible.ts'

const ESC = String.fromCodePoint(0x1b)
const BEL = String.fromCodePoint(0x07)
/** Colours and movements of a terminal (ECMA-48), and its titles and links. */
const ESCAPES = new RegExp(
  `${ESC}(?:\\[[0-9;?]*[ -/]*[@-~]|\\][^${BEL}${ESC}]*(?:${BEL}|${ESC}\\\\)?|[ -Z\\\\^_\`a-~])`,
  'g',
)
/** GitLab's marks of folded sections, https://docs.gitlab.com/ci/jobs/job_logs/#custom-collapsible-sections. */
const SECTIONS = /section_(?:start|end):\d+:[\w.-]+(?:\[[^\]\n]*\])?/g

export function readableLog(log: string): string {
  const plain = log
    .replace(ESCAPES, '')
    .replace(SECTIONS, '')
    .split('\n')
    // What was written over by a carriage return, as a progress bar does, was not meant to stay.
    .map((line) => line.trimEnd().split('\r').at(-1) ?? '')
    .join('\n')
  return withoutInvisible(plain).text.trim()
}
