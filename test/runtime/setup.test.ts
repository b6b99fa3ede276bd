import { expect, test } from 'vitest'
import { EXIT } from '../../runtime/protocol.ts'
import { newAttempt, READY } from './attempt.ts'

test('a request names another set-up script, and it comes from the default branch as well', async () => {
  const files = { ...READY, 'ci/prepare me.sh': 'echo prepared in "$PWD" > prepared.txt\n' }
  const attempt = await newAttempt({ files, request: { setup: 'ci/prepare me.sh' } })
  attempt.commit('agent/42-n1337', { 'ci/prepare me.sh': 'echo EVIL > prepared.txt\n' })
  expect(await attempt.run()).toBe(0)
  expect(attempt.door.activities).toContain('runs ci/prepare me.sh')
  expect(attempt.git('show', 'agent/42-n1337:prepared.txt')).toMatch(/^prepared in .*repo$/)
  expect(attempt.door.log.toString()).not.toContain('\nset up\n')
})

test('where it fails, its path is in the reason', async () => {
  const files = { ...READY, 'ci/setup.sh': 'echo no such package\nexit 3\n' }
  const attempt = await newAttempt({ files, request: { setup: 'ci/setup.sh' } })
  expect(await attempt.run()).toBe(EXIT['setup-failed'])
  expect(attempt.door.outcome?.failure?.message).toBe('ci/setup.sh ended with 3. The last it said:\nno such package')
})

test.each(['ci/nowhere.sh', 'src', 'README.md/x'])(
  'what is no file there is a warning for the author: %s',
  async (setup) => {
    const attempt = await newAttempt({ request: { setup } })
    expect(await attempt.run()).toBe(0)
    expect(attempt.door.outcome?.warnings).toEqual([`The set-up script ${setup} is not on main: nothing was set up.`])
    expect(attempt.door.log.toString()).not.toContain('\nset up\n')
  },
)
