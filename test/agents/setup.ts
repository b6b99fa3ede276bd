/** Once before `npm run test:agents`: all four command lines are there. */

import { type AgentName, install, installed } from './install.ts'

const AGENTS: readonly AgentName[] = ['claude', 'codex', 'opencode', 'gemini']

export default async function setup(): Promise<void> {
  for (const agent of AGENTS) {
    if (installed(agent) === undefined) console.log(`Installs ${agent} from the npm registry`)
    await install(agent)
    console.log(`Tests use ${installed(agent)}/${agent}`)
  }
}
