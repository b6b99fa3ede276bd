/** `errand doctor`: what was checked, what was found, what to do. The exit code counts what is wrong. */

import { parseArgs } from 'node:util'
import { type Config, ConfigError, type Environment, ownEnvironment, readConfig } from '../config.ts'
import { connectGitLab } from '../gitlab/client.ts'
import { connectRedis } from '../redis/connection.ts'
import { examineCluster } from './doctorCluster.ts'
import { examineConfig } from './doctorConfig.ts'
import { examineEngine } from './doctorEngine.ts'
import { examineGitLab } from './doctorGitLab.ts'
import { examineModels } from './doctorModels.ts'
import { examineRedis } from './doctorRedis.ts'
import { examineWebhooks } from './doctorWebhooks.ts'
import type { Finding } from './finding.ts'
import { paceOf } from './reach.ts'

const FLAGS = { json: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } } as const

const HELP = `errand doctor [--json]   checks what Errand needs, in the environment it is started with

✔ all is well, ! could be better, ? cannot be looked at from here, ✘ is wrong; with → what to do. The exit code counts what is wrong.
--json prints {"wrong": n, "findings": [{"checked", "found", "wrong", "advice", "unseen"?}]} instead.`

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: FLAGS })
  if (values.help) return console.log(HELP)
  const findings: Finding[] = []
  for await (const finding of diagnose()) {
    findings.push(finding)
    if (!values.json) console.log(wordsOf(finding))
  }
  const wrong = findings.reduce((sum, finding) => sum + finding.wrong.length, 0)
  if (values.json) console.log(JSON.stringify({ wrong, findings }, null, 2))
  process.exitCode = Math.min(wrong, 100)
}

/** From the very beginning: a configuration that Errand would not start with is the first finding. */
export async function* diagnose(environment: Environment = ownEnvironment()): AsyncGenerator<Finding> {
  let config: Config
  try {
    config = readConfig(environment)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const found = 'Errand cannot start with it; nothing else was checked'
    return yield { checked: 'configuration', found, wrong: error.problems, advice: [] }
  }
  yield* examine(config)
}

export async function* examine(config: Config): AsyncGenerator<Finding> {
  yield examineConfig(config)
  const redis = connectRedis(config.redisUrl, 'patient', () => {})
  try {
    const memory = examineRedis(config, redis)
    let hasMemory = true
    for await (const finding of memory) {
      if (finding.checked === 'Redis' && finding.wrong.length > 0) hasMemory = false
      yield finding
    }
    const gitlab = connectGitLab(config.gitlab.url, async () => config.gitlab.token(), paceOf(config))
    yield* examineGitLab(config, gitlab)
    yield* examineWebhooks(config, hasMemory ? redis : undefined)
  } finally {
    redis.disconnect()
  }
  yield* examineModels(config)
  if (config.runner === 'kubernetes') yield* examineCluster(config)
  else if (config.runner === 'docker') yield* examineEngine(config)
  else {
    const found = 'child processes of this machine, isolated from nothing'
    yield { checked: 'runs', found, wrong: [], advice: [] }
  }
}

function wordsOf({ checked, found, wrong, advice, unseen }: Finding): string {
  const mark = wrong.length > 0 ? '✘' : unseen ? '?' : advice.length > 0 ? '!' : '✔'
  return [`${mark} ${checked.padEnd(14)} ${found}`, ...[...wrong, ...advice].map((words) => `  → ${words}`)].join('\n')
}
