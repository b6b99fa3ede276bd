/** Log events of a demo → one line each for the person who watches. */

import type { Writable } from 'node:stream'

type Event = Readonly<Record<string, unknown>> & { readonly event?: string; readonly level?: number }

/** A destination for pino that says what happened in people's words; problems are shown as they are. */
export function narrator(say: (line: string) => void): Pick<Writable, 'write'> {
  const said = new Map<string, string>()
  return {
    write(line: string): boolean {
      const event: Event = JSON.parse(line)
      const words = narrate(event)
      // What an agent does is reported more than once while it goes on.
      const key = `${String(event.task)} ${String(event.event)}`
      if (words !== undefined && said.get(key) !== words) say(words)
      if (words !== undefined) said.set(key, words)
      return true
    },
  }
}

function narrate(event: Event): string | undefined {
  const task = String(event.task)
  switch (event.event) {
    case 'received':
      return `💬 ${task}  @${String(event.by)} asked`
    case 'reacted':
      return `👀 ${task}  seen`
    case 'status':
      return event.state === 'queued' ? `⏳ ${task}  queued` : undefined
    case 'launched':
      return `🚀 ${task}  started, attempt ${String(event.attempt)}`
    case 'doing':
      return `🛠️  ${task}  ${String(event.text)}`
    case 'pushed':
      return `⬆️  ${task}  pushed ${String(event.branch)} at ${String(event.after).slice(0, 8)}`
    case 'merge-request':
      return `🔀 ${task}  merge request ${String(event.url)}`
    case 'replied':
      return `✅ ${task}  answered`
    case 'finished':
      return `🏁 ${task}  ${String(event.state)}`
    case 'answered':
      return `↩️  ${task}  answered: ${String(event.say)}`
    case 'ordered':
      return `✋ ${task}  @${String(event.by)} says stop`
    default: {
      if ((event.level ?? 0) < 40) return undefined
      const error = event.err as { readonly message?: string } | undefined
      return `⚠️  ${String(event.msg)}${error?.message === undefined ? '' : `: ${error.message}`}`
    }
  }
}
