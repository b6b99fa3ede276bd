/** A container → what is true of a run. Pure: all we know about how containers of an engine wait, run and end is here. */

import { endOfExit } from '../tasks/exitCode.ts'
import { lastWordsOf } from '../tasks/lastWords.ts'
import type { Ended, Run } from '../tasks/runner.ts'
import type { Container } from './engine.ts'

const GONE = 'its container is gone: somebody removed it'

/** `deadline`: milliseconds that a run may take. */
export function runOf(container: Container | undefined, lastWords: string | undefined, deadline: number): Run {
  if (container === undefined) return { is: 'absent', why: GONE }
  const { Status: status, StartedAt: startedAt } = container.State
  switch (status) {
    case 'created':
    case 'initialized':
    case 'configured':
      return { is: 'waiting', why: '' }
    // Podman's word for a container that is on its way to its end.
    case 'stopping':
    case 'running':
    case 'paused':
    case 'restarting':
      return { is: 'running', since: timeOf(startedAt) ?? Date.parse(container.Created) }
    default:
      return endOf(container, lastWords, deadline)
  }
}

function endOf({ State, HostConfig }: Container, lastWords: string | undefined, deadline: number): Ended {
  const { ExitCode: exit, OOMKilled, Error: error = '' } = State
  const saved = lastWordsOf(lastWords)
  const tell = (why: string): string => (saved === undefined ? why : `${why}; ${saved}`)
  if (OOMKilled) {
    const limit = HostConfig.Memory === undefined ? '' : `, ${Math.round(HostConfig.Memory / 2 ** 20)} MiB`
    const why = tell(`it used more than its memory limit${limit}`)
    return { is: 'ended', exit, cause: 'out-of-memory', infrastructure: false, why }
  }
  const [started, finished] = [timeOf(State.StartedAt), timeOf(State.FinishedAt)]
  if (started === undefined) {
    const why = `the image could not be started: ${error === '' ? `exit code ${exit}` : error}`
    return { is: 'ended', exit, cause: 'image', infrastructure: false, why }
  }
  if (finished !== undefined && finished - started >= deadline) {
    return { is: 'ended', exit, cause: 'deadline', infrastructure: false, why: tell('it ran into its time limit') }
  }
  return endOfExit(exit, tell)
}

/** Go writes the year 1 for never. */
function timeOf(text: string): number | undefined {
  const time = Date.parse(text)
  return Number.isNaN(time) || time <= 0 ? undefined : time
}
