/** Everything one can ask of a git server that is not "my commit onto my branch". */

import { spawnSync } from 'node:child_process'
import type { Say } from './agent.ts'

function git(...args: string[]): { code: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync('git', args, { encoding: 'utf8', timeout: 20_000 })
  return { code: status, said: `${stdout}${stderr}`.trim() }
}

/** By their names; `OWN` stands for the task's branch. */
const PUSHES: Readonly<Record<string, readonly string[]>> = {
  'another branch': ['HEAD:refs/heads/stolen'],
  'the default branch': ['HEAD:refs/heads/main'],
  'the default branch, forced': ['--force', 'HEAD:refs/heads/main'],
  'the default branch, deleted': [':refs/heads/main'],
  'its own branch, deleted': [':refs/heads/OWN'],
  'another task': ['HEAD:refs/heads/agent/1-n1'],
  'a tag': ['HEAD:refs/tags/v9.9.9'],
  'a hidden ref': ['HEAD:refs/merge-requests/1/head'],
  'a ref below its own': ['HEAD:refs/heads/OWN/more'],
  'its own branch and another': ['HEAD:refs/heads/OWN', 'HEAD:refs/heads/stolen'],
  'everything, as a mirror': ['--mirror'],
  'with push options': ['--push-option=merge_request.create', '--push-option=ci.variable=A=b', 'HEAD:refs/heads/OWN'],
}

export async function push(say: Say): Promise<void> {
  const own = git('symbolic-ref', '--short', 'HEAD').said
  git('commit', '--allow-empty', '-m', 'Mine')
  for (const [name, args] of Object.entries(PUSHES)) {
    const { code, said } = git('push', 'origin', ...args.map((arg) => arg.replace('OWN', own)))
    say(`push ${name}`, code === 0 ? 'DONE' : `refused: ${said}`)
  }
}
