/**
 * The rehearsal itself, a program of its own: prompt on stdin, what it does on stdout, one visible deterministic change
 * in the working directory. Lines `rehearse: …` in the prompt let an operator try the other endings (README.md, clause 11).
 */

import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { JsonLine } from './jsonLines.ts'
import type { RehearsalOrder } from './rehearsal.ts'

const FILE = 'REHEARSAL.md'
const HEAD = `# Rehearsal

Errand wrote this file without a model, to show that everything around an agent works. One line per run:

`
const MOST_FILES = 500

function say(line: JsonLine): void {
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

/** Keeps the request below its home; the answer is the sentence for those before it, in a conversation that goes on. */
function remember({ memory, session, goesOn, run }: RehearsalOrder): string {
  const file = join(process.env.HOME ?? '/', memory, session)
  mkdirSync(dirname(file), { recursive: true })
  const earlier = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').length : 0
  appendFileSync(file, `${run}\n`)
  return goesOn ? ` I remember ${earlier} earlier request${earlier === 1 ? '' : 's'}.` : ''
}

/** The request alone, where the prompt has a part for it: what was said earlier in its thread is not said again. */
function asked(prompt: string): string {
  const [, request = prompt] = /^# The request of .*\n([\s\S]*?)(?=^# |(?![\s\S]))/m.exec(prompt) ?? []
  if (request.includes('the issue below')) return prompt
  const parts = request.split(/^To be addressed, by .*$/m)
  return parts.length === 1
    ? request
    : parts
        .slice(1)
        .map((part) => part.split(/^## Thread /m, 1)[0])
        .join('\n')
}

async function rehearse(order: RehearsalOrder): Promise<void> {
  const prompt = await text(process.stdin)
  const words = [...asked(prompt).matchAll(/^[\s>]*rehearse: *(.+?)\s*$/gm)].map((match) => match[1] ?? '')
  say({ session: order.session })
  const memories = remember(order)
  for (const size of words.map((word) => /^remember (\d+) MB$/.exec(word)?.[1])) {
    if (size === undefined) continue
    const folder = join(process.env.HOME ?? '/', order.memory)
    writeFileSync(join(folder, 'noise'), randomBytes(Number(size) * 1024 * 1024))
  }
  if (words.includes('print environment')) {
    say({ activity: 'prints its environment' })
    printSurroundings()
  }
  const isPlan = order.mode === 'plan'
  const idle = isPlan || words.includes('change nothing')
  if (!idle) {
    say({ activity: `writes ${FILE}` })
    change(order.run, order.subject)
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
  else if (isPlan) say({ answer: `I would write your request into ${FILE}. No model was used.${memories}` })
  else if (idle) say({ answer: `Nothing was changed, as the rehearsal was told. No model was used.${memories}` })
  else
    say({
      answer: `I wrote your request into ${FILE}. This was a rehearsal: no model was used.${memories}${answers(prompt)}`,
    })
}

/** Where the prompt asks for an answer to each thread, one to each that it names. */
function answers(prompt: string): string {
  if (!prompt.includes('```errand-answers')) return ''
  const names = new Set([...prompt.matchAll(/\[([0-9a-f]{8,40})\]/g)].map((match) => match[1] ?? ''))
  const lines = [...names].map((name) => `[${name}] resolved: It stands in ${FILE}.`)
  return `\n\n\`\`\`errand-answers\n${lines.join('\n')}\n\`\`\``
}

await rehearse(JSON.parse(process.argv[2] ?? '') as RehearsalOrder)
