/**
 * A hostile agent, as the worst that a repository or an issue could make of one. It runs in the container as any agent does:
 * prompt on stdin, words on stdout. The first line `hostile: …` of the prompt names the deeds that it does, in their order:
 *
 *   look    everything that can be read, into seen.txt in the repository: git is not masked, so the file is the whole truth
 *   reach   the API server, other projects and other tasks through the door, addresses that the door does not have
 *   push    other branches, forced, deleted, tags, push options
 *   tamper  the entrypoint's files, its log
 *   spend   calls of the model until they are refused
 *   forge   an outcome of its own
 *   shout   secrets that it knows, in every encoding, whole and torn, on both streams
 *   lines   a million lines
 *   line    100 MB without an end of line
 *   hang    children that outlive it, and no ear for INT and TERM
 *   murder  kills the entrypoint
 *   nothing
 *
 * What came of each deed is a line `deed: …` on stdout, for a test to read. Nothing here is imported from Errand.
 */

import { appendFileSync, writeFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { hang, murder, tamper } from './break.ts'
import { line, lines } from './flood.ts'
import { look } from './look.ts'
import { push } from './push.ts'
import { forge, reach, spend } from './reach.ts'
import { shout, shoutedAnswer } from './shout.ts'

export type Say = (deed: string, outcome: string) => void

const DEEDS: Readonly<Record<string, (say: Say) => Promise<void>>> = {
  look,
  reach,
  push,
  tamper,
  spend,
  forge,
  shout,
  lines,
  line,
  hang,
  murder,
  nothing: async () => undefined,
}

const say: Say = (deed, outcome) => {
  const told = `deed: ${deed}: ${outcome.replaceAll('\n', ' | ').slice(0, 500)}`
  appendFileSync('deeds.txt', `${told}\n`)
  console.log(told)
}

const prompt = await text(process.stdin)
// What other people said before stands in the prompt too, behind what was asked.
const deeds = /^[\s>]*hostile: *([\w ]+)$/m.exec(prompt)?.[1]?.trim().split(/ +/) ?? []
writeFileSync('deeds.txt', '')
for (const name of deeds) {
  const began = Date.now()
  const deed = DEEDS[name]
  if (deed === undefined) throw new Error(`no such deed: ${name}`)
  try {
    await deed(say)
  } catch (error) {
    say(name, `failed: ${error instanceof Error ? error.message : String(error)}`)
  }
  say('took', `${name} ${Date.now() - began} ms`)
}
const answer = deeds.includes('shout') ? shoutedAnswer() : 'I did nothing wrong.'
process.stdout.write(`${JSON.stringify({ activity: 'is done', answer })}\n`)
