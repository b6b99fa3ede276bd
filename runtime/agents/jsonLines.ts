/**
 * How an agent of one's own speaks: JSON objects, one a line, each with any of these members, in words for people. What is no such object is
 * text for the log. README.md, clause 11, is the contract.
 */

import type { Usage } from '../protocol.ts'
import type { Listener, Told } from './agent.ts'
import { doing, type Fields, fieldsIn, fieldsOf, saying, showing, textOf } from './telling.ts'

export type JsonLine = {
  /** What it does now: "runs the tests". */
  readonly activity?: string
  /** Text for the log. */
  readonly log?: string
  /** Its last words, Markdown; the last one counts. */
  readonly answer?: string
  /** One line for the merge request. */
  readonly title?: string
  /** Why it did not do its work. */
  readonly failure?: string
  /** Its own name of the conversation, by which a later run goes on with it. */
  readonly session?: string
  /** A sentence that the author should read. */
  readonly warning?: string
  readonly usage?: Usage
}

/** Letters of plain text that become the answer of an agent that gives none. */
const LONGEST_ANSWER = 4000

/** `name` is what it is called in words. Without an answer of its own, the end of the text it wrote is its answer. */
export function listenToJsonLines(name: string): Listener {
  let said: JsonLine = {}
  let text = ''
  let activity = ''
  const warnings: string[] = []
  return {
    hear(line) {
      const fields = fieldsIn(line)
      if (fields === undefined) {
        text = `${text}${line}\n`.slice(-LONGEST_ANSWER)
        return saying(line)
      }
      const heard = readLine(fields)
      if (heard.warning !== undefined) warnings.push(heard.warning)
      said = { ...said, ...heard }
      const told: Told[] = []
      // Who says again and again what it is still doing has done it once.
      if (heard.activity !== undefined)
        told.push(...(heard.activity === activity ? showing(activity) : doing(heard.activity)))
      activity = heard.activity ?? activity
      told.push(...saying(heard.log ?? ''), ...saying(heard.answer ?? ''))
      if (heard.answer !== undefined) told.push({ kind: 'done' })
      return told
    },
    end(exit) {
      const how = exit.signal === null ? `ended with ${exit.code}` : `was ended by ${exit.signal}`
      const broke = exit.code === 0 ? undefined : `${name} ${how}. ${exit.said}`.trim()
      const message = said.failure ?? (said.answer === undefined ? broke : undefined)
      const answer = said.answer ?? text.trim()
      return {
        warnings,
        ...(answer === '' ? {} : { answer }),
        ...(said.title === undefined ? {} : { title: said.title }),
        ...(said.usage === undefined ? {} : { usage: said.usage }),
        ...(said.session === undefined ? {} : { session: said.session }),
        ...(message === undefined ? {} : { failure: { cause: 'agent-error', message } }),
      }
    },
  }
}

/** Members of another kind than the contract's are passed over. */
function readLine(fields: Fields): JsonLine {
  const line: Record<string, unknown> = {}
  for (const name of ['activity', 'log', 'answer', 'title', 'failure', 'session', 'warning'] as const) {
    const text = textOf(fields[name])
    if (text !== '') line[name] = text
  }
  const usage = fieldsOf(fields.usage)
  const counts = ['turns', 'inputTokens', 'outputTokens', 'costUsd'].filter((name) => typeof usage[name] === 'number')
  if (counts.length > 0) line.usage = Object.fromEntries(counts.map((name) => [name, usage[name]]))
  return line
}
