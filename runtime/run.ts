/** One attempt: request → workspace → set-up → agent → commit → push → session, each step in its own time. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { findAgent } from './agents/installed.ts'
import { agentEnvironment } from './environment.ts'
import { type Failed, isFailed } from './failed.ts'
import { openGit } from './git.ts'
import { keep } from './keep.ts'
import { endingOf, type Parts, stopFailure } from './outcome.ts'
import type { Outcome, Request } from './protocol.ts'
import { restoreSession, saveSession } from './session.ts'
import { findSetup, runSetup, SCRIPT } from './setup.ts'
import { supervise } from './supervise.ts'
import type { Surroundings } from './surroundings.ts'
import { findTools } from './tools.ts'
import { within } from './wait.ts'
import { prepareWorkspace } from './workspace.ts'

type Took = { -readonly [step in keyof Outcome['took']]: Outcome['took'][step] }

/** Runs the steps and gathers what came of them. Known failures are in the answer, unknown ones are thrown. */
export async function run(around: Surroundings, request: Request): Promise<Parts> {
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
  const end = (failed: Failed): Parts => {
    const why = stop.why()
    return { failed: why === undefined ? failed : stopFailure(why), took }
  }

  const agent = findAgent(request.agent.name)
  if (!('launch' in agent)) {
    const message = `This image has no agent \`${request.agent.name}\`; it has ${agent.join(', ')}.`
    return end({ failed: 'agent-error', message })
  }
  const unfit = agent.unfit?.(request)
  if (unfit !== undefined) return end({ failed: 'agent-error', message: unfit })
  const git = openGit(start, log, request.author)

  tell(`clones ${request.project}`, 'clone')
  const cloning = within(limits.clone * 1000, stop.signal)
  const workspace = await step('clone', () => prepareWorkspace(around, request, git, cloning))
  if (isFailed(workspace)) return end(workspace)
  const session = request.session ? await restoreSession(around, agent) : undefined

  // Whatever git has to read of the clone it reads now: set-up runs the repository's own programs.
  const settingUp = within(limits.setup * 1000, stop.signal)
  const tools = await findTools(around, request, workspace.defaultBranch, git, settingUp)
  const script = await findSetup(request.setup ?? SCRIPT, workspace, git, start.places.repo, settingUp)
  if (isFailed(script)) return end(script)
  if (script === undefined) {
    // Who names a script means it; who has none may need none.
    if (request.setup === undefined) log.line(`warning: no ${SCRIPT} on ${request.defaultBranch}; nothing is set up`)
    else around.warn(`The set-up script ${request.setup} is not on ${request.defaultBranch}: nothing was set up.`)
  } else {
    tell(`runs ${script.path}`, 'setup')
    const unready = await step('setup', () => runSetup(start, script, log, settingUp))
    if (unready !== undefined) return end(unready)
  }
  if (!['CLAUDE.md', 'AGENTS.md'].some((name) => existsSync(join(start.places.repo, name)))) {
    log.line('warning: neither CLAUDE.md nor AGENTS.md; the agent knows only what it finds')
  }
  const why = stop.why()
  if (why !== undefined) return end(stopFailure(why))

  tell(`starts ${agent.name}`, 'agent')
  log.line(`agent ${agent.name}`)
  const job = { start, request, tools, ...(session === undefined ? {} : { session }) }
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
  const keeping = () => keep(around, request, workspace, git, judged)
  const kept = request.mode === 'plan' ? await keeping() : await step('push', keeping)
  await saveSession(around, agent, ending.session)
  return { ...kept, ending: judged, took }
}
