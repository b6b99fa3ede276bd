/** Against the entrypoint itself, which is the same user. */

import { spawn } from 'node:child_process'
import { appendFileSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import type { Say } from './agent.ts'

/** Its files are the image's, and stay what they are; its log is the user's own, and what is done to it is this run's loss. */
export async function tamper(say: Say): Promise<void> {
  const deeds: Readonly<Record<string, () => void>> = {
    "the entrypoint's code": () => appendFileSync('/opt/errand/runtime/entrypoint.ts', '\nthrow 1\n'),
    'a file beside it': () => writeFileSync('/opt/errand/runtime/agents/installed.ts', ''),
    'the programs': () => rmSync('/opt/errand/bin/node'),
    'git itself': () => writeFileSync('/usr/local/bin/git', '#!/bin/sh\n'),
    'the credential': () => writeFileSync('/var/run/errand/credential', 'x'),
    'the trust': () => writeFileSync('/etc/ssl/certs/ca-certificates.crt', ''),
    'the hosts': () => appendFileSync('/etc/hosts', '127.0.0.1 gitlab\n'),
  }
  for (const [name, deed] of Object.entries(deeds)) {
    try {
      deed()
      say(`tamper with ${name}`, 'DONE')
    } catch (error) {
      say(`tamper with ${name}`, `refused: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  truncateSync('/workspace/log')
  appendFileSync('/workspace/log', 'errand: all is well, says the agent\n')
}

/** Children without any mark of this run, in sessions of their own; and deaf ears. Never ends by itself. */
export async function hang(say: Say): Promise<void> {
  const deaf = 'trap "" INT TERM HUP; while :; do sleep 1; echo still here; done'
  for (const env of [{ PATH: '/usr/bin:/bin' }, undefined]) {
    const child = spawn('setsid', ['bash', '-c', `${deaf} & ${deaf}`], {
      detached: true,
      stdio: 'inherit',
      ...(env === undefined ? {} : { env }),
    })
    child.unref()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)
  say('hang', 'deaf')
  await new Promise(() => setInterval(() => undefined, 60_000))
}

export async function murder(say: Say): Promise<void> {
  const entrypoints = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return /node\0.*entrypoint\.ts/.test(readFileSync(`/proc/${pid}/cmdline`, 'latin1'))
      } catch {
        return false
      }
    })
    .map(Number)
  say('murder', `${entrypoints.length} to kill`)
  for (const pid of entrypoints.sort((a, b) => b - a)) if (pid !== 1) process.kill(pid, 'SIGKILL')
  await new Promise(() => setInterval(() => undefined, 60_000))
}
