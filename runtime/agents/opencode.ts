/** OpenCode: its command line and environment, measured for version 1.18.33, and the program `opencode` from the PATH. */

import type { Agent, Job, Launch } from './agent.ts'
import { LOST_SESSION } from './claudeMemory.ts'
import { newListener } from './opencodeListener.ts'
import { MEMORY, moveTo, remembers } from './opencodeMemory.ts'
import { choose, unknownModel } from './opencodeModel.ts'
import { CREDENTIAL, keepFromInstalling, settings } from './opencodeSettings.ts'

function launch(job: Job): Launch {
  const { start, request, session } = job
  const goesOn = session !== undefined && remembers(start.places.home, session)
  return {
    file: 'opencode',
    args: [
      ...['run', '--format', 'json'],
      // It tells nowhere else that a tool server did not connect, or that it waits for the model.
      ...['--print-logs', '--log-level', 'WARN'],
      // With a title it does not ask a model for one.
      ...(goesOn ? ['--session', session] : ['--title', request.task]),
    ],
    env: {
      OPENCODE_CONFIG_CONTENT: settings(job, choose(request.agent.model) ?? { provider: 'anthropic' }),
      [CREDENTIAL]: start.credential,
      OPENCODE_DISABLE_MODELS_FETCH: '1',
      OPENCODE_DISABLE_AUTOUPDATE: '1',
      OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
      OPENCODE_DISABLE_DEFAULT_PLUGINS: '1',
    },
    input: request.prompt,
    // No switch of its own keeps it from running the plugins that are there (measured).
    hidden: ['opencode.json', 'opencode.jsonc', '.opencode'],
  }
}

export const opencode: Agent = {
  name: 'opencode',
  memory: MEMORY,
  unfit({ agent }) {
    const { model } = agent
    return model !== undefined && choose(model) === undefined ? unknownModel(model) : undefined
  },
  launch(job) {
    const { home, repo } = job.start.places
    keepFromInstalling(home)
    if (job.session !== undefined) moveTo(home, job.session, repo)
    return launch(job)
  },
  listen({ start, tools, session }) {
    const { home, repo } = start.places
    return newListener({
      root: repo,
      tools,
      warnings: session === undefined || remembers(home, session) ? [] : [LOST_SESSION],
      remembers: (name) => remembers(home, name),
    })
  },
}
