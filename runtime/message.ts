/** Commit messages: one line for the subject, and the trailers that name the task and the person. */

import type { Git } from './git.ts'
import type { Request } from './protocol.ts'

const LONGEST_SUBJECT = 120

/** Any text → one line fit for a commit's subject and a merge request's title; empty when there is nothing in it. */
export function subjectOf(text: string): string {
  const line = (text.trim().split('\n', 1)[0] ?? '')
    .replace(/\p{Cc}/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  return line.length > LONGEST_SUBJECT ? `${line.slice(0, LONGEST_SUBJECT - 1).trimEnd()}…` : line
}

/** A commit message of ours, before the trailers. */
export function messageOf(subject: string): string {
  return `${subjectOf(subject) || "The agent's work"}\n`
}

/** Whether every trailer stands in the message as a line of its own. */
export function hasTrailers(message: string, trailers: readonly string[]): boolean {
  const lines = new Set(message.split('\n').map((line) => line.trim()))
  return trailers.every((trailer) => lines.has(trailer.trim()))
}

/** Adds the trailers where git expects them; ones that stand there already are not repeated. */
export async function withTrailers(
  { request, git, signal }: { readonly request: Request; readonly git: Git; readonly signal: AbortSignal },
  message: string,
  env: Record<string, string>,
): Promise<string> {
  const flags = request.trailers.flatMap((trailer) => ['--trailer', trailer])
  const args = ['interpret-trailers', '--no-divider', '--if-exists', 'addIfDifferent', ...flags]
  const made = await git(args, { env, signal, capture: true, input: message.endsWith('\n') ? message : `${message}\n` })
  if (made.code !== 0) throw new Error(`git interpret-trailers: ${made.said}`)
  return made.output
}
