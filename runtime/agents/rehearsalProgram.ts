/**
 * The rehearsal itself, a program of its own: prompt on stdin, what it does on stdout, one visible deterministic change
 * in the working directory. Lines `rehearse: …` in the prompt let an operator try the other endings (README.md, clause 11).
 */

import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { RehearsalLine } from './rehearsal.ts'

const FILE = 'REHEARSAL.md'
const HEAD = `# Rehearsal

Errand wrote this file without a model, to show that everything around an agent works. One line per run:

`
const MOST_FILES = 500

function say(line: RehearsalLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

function printSurroundings(): void {
  for (const name of Object.keys(process.env).sort()) console.log(`environment: ${name}=${process.env[name]}`)
  for (const folder of [process.cwd(), process.env.HOME ?? '/']) {
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()
    for (const name of names.slice(0, MOST_FILES)) console.log(`file: ${join(folder, name)}`)
    if (names.length > MOST_FILES) console.log(`file: ${names.length - MOST_FILES} more below ${folder}`)
  }
  const settings = execFileSync('git', ['config', '--list', '--show-origin'], { encoding: 'utf8' })
  for (const setting of settings.trim().split('\n')) console.log(`git: ${setting}`)
}

function change(run: string, subject: string): void {
  const before = existsSync(FILE) ? readFileSync(FILE, 'utf8') : HEAD
  writeFileSync(FILE, `${before}- ${run}: ${subject}\n`)
}

async function rehearse(run: string, subject: string): Promise<void> {
  const prompt = await text(process.stdin)
  const words = [...prompt.matchAll(/^[\s>]*rehearse: *(.+?)\s*$/gm)].map((match) => match[1] ?? '')
  if (words.includes('print environment')) {
    say({ activity: 'prints its environment' })
    printSurroundings()
  }
  const idle = words.includes('change nothing')
  if (!idle) {
    say({ activity: `writes ${FILE}` })
    change(run, subject)
  }
  for (const seconds of words.map((word) => /^wait (\d+) s$/.exec(word)?.[1])) {
    if (seconds === undefined) continue
    say({ activity: `waits ${seconds} s` })
    await new Promise((done) => setTimeout(done, Number(seconds) * 1000))
  }
  if (words.includes('hang')) {
    say({ activity: 'hangs' })
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined)
    await new Promise(() => setInterval(() => undefined, 60_000))
  }
  if (words.includes('fail')) say({ failure: 'The rehearsal failed, as it was told.' })
  else if (idle) say({ answer: 'Nothing was changed, as the rehearsal was told. No model was used.' })
  else say({ answer: `I wrote your request into ${FILE}. This was a rehearsal: no model was used.` })
}

await rehearse(process.argv[2] ?? '', process.argv[3] ?? '')
