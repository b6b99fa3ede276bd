/** The image as it is started: tini, Node, the entrypoint, against a door on this machine. */

import { expect, test } from 'vitest'
import { BRANCH, exitOf, newAttempt, until } from '../runtime/attempt.ts'
import { startContainer, USERS } from './container.ts'
import { given } from './given.ts'

test.for(USERS)(
  'a run as user %s on a root that is read only: clone, set-up, agent, commit, push, outcome, log',
  async (user) => {
    const attempt = await newAttempt({ prompt: 'rehearse: print environment' })
    expect(await exitOf(startContainer(given(attempt, user)))).toBe(0)
    const { outcome, log, logEnded } = attempt.door
    expect(outcome).toMatchObject({ result: 'pushed', pushed: { branch: BRANCH, commits: 1 }, warnings: [] })
    expect(attempt.git('rev-parse', BRANCH)).toBe(outcome?.pushed?.commit)
    expect(attempt.lastWords()).toEqual({ branch: BRANCH, commit: outcome?.pushed?.commit })
    expect(logEnded).toBe(true)
    expect(log.toString()).toContain('\nset up\n')
    expect(log.toString()).toContain('environment: HOME=/workspace/home')
    expect(log.toString()).not.toContain('must-not-be-seen')
    expect(log.toString()).not.toMatch(/^\(node:\d+\)/m)
  },
)

test('TERM to the container: the agent is stopped, its work pushed, 143', async () => {
  const attempt = await newAttempt({ prompt: 'rehearse: wait 50 s' })
  const container = startContainer(given(attempt, USERS[0]))
  const exit = exitOf(container)
  await until(() => attempt.door.activities.includes('waits 50 s'))
  container.kill('SIGTERM')
  expect(await exit).toBe(143)
  expect(attempt.door.outcome).toMatchObject({ failure: { cause: 'interrupted' }, pushed: { commits: 1 } })
})
