/** One attempt: request → workspace → set-up → agent → commit → push → outcome, each step in its own time. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { findAgent } from './agents/installed.ts'
import { agentEnvironment } from './environment.ts'
import { type Failed, isFailed } from './failed.ts'
import { openGit } from './git.ts'
import { keep, type Surroundings } from './keep.ts'
import { endingOf, outcomeOf, stopFailure } from './outcome.ts'
import type { Outcome, Request } from './protocol.ts'
import { findSetup, runSetup } from './setup.ts'
import { supervise } from './supervise.ts'
import { within } from './wait.ts'
import { cloneWorkspace } from './workspace.ts'

type Took = { -readonly [step in keyof Outcome['took']]: Outcome['took'][step] }

/** Runs the steps and puts together what came of them. Known failures are in the outcome, unknown ones are thrown. */
export async function run(around: Surroundings, request: Request): Promise<Outcome> {
  const { start, log, tell, stop } = around
  const { limits } = request
  const took: Took = {}
  const step = async <T>(name: keyof Took, work: () => Promise<T>): Promise<T> => {
    const began = performance.now()
    const result = await work()
    const ms = Math.round(performance.now() - began)
    took[name] = ms
    log.line(`${name}: ${(ms / 1000).toFixed(1)} s`)
    return result
  }
  const end = (failed: Failed): Outcome => {
    const why = stop.why()
    return outcomeOf({ failed: why === undefined ? failed : stopFailure(why), took })
  }

  const agent = findAgent(request.agent.name)
  if (!('launch' in agent)) {
    const message = `This image has no agent \`${request.agent.name}\`; it has ${agent.join(', ')}.`
    return end({ failed: 'agent-error', message })
  }
  const git = openGit(start, log, request.author)

  tell(`clones ${request.project}`)
  const cloning = within(limits.clone * 1000, stop.signal)
  const workspace = await step('clone', () => cloneWorkspace(start, request, git, log, cloning))
  if (isFailed(workspace)) return end(workspace)

  const settingUp = within(limits.setup * 1000, stop.signal)
  const script = await findSetup(workspace, git, start.places.repo, settingUp)
  if (isFailed(script)) return end(script)
  if (script === undefined) log.line(`warning: no agent-setup.sh on ${request.defaultBranch}; nothing is set up`)
  else {
    tell('runs agent-setup.sh')
    const unready = await step('setup', () => runSetup(start, script, log, settingUp))
    if (unready !== undefined) return end(unready)
  }
  if (!['CLAUDE.md', 'AGENTS.md'].some((name) => existsSync(join(start.places.repo, name)))) {
    log.line('warning: neither CLAUDE.md nor AGENTS.md; the agent knows only what it finds')
  }
  const why = stop.why()
  if (why !== undefined) return end(stopFailure(why))

  tell(`starts ${agent.name}`)
  const job = { start, request, tools: [] }
  const { ending, cut } = await step('agent', () =>
    supervise({
      launch: agent.launch(job),
      listener: agent.listen(job),
      places: start.places,
      env: agentEnvironment(start, request.author),
      log,
      tell,
      stop: stop.signal,
      limits: { agent: limits.agent * 1000, stuck: limits.stuck * 1000 },
    }),
  )
  if (stop.why() === 'door-closed') return end(stopFailure('door-closed'))

  const judged = endingOf(ending, cut, stop.why(), limits)
  const kept = await step('push', () => keep(around, request, workspace, git, judged))
  return outcomeOf({ ...kept, ending: judged, took })
}
