import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { EXIT } from '../../runtime/protocol.ts'
import { BRANCH, exitOf, newAttempt, READY, until } from './attempt.ts'

test('a rehearsal becomes a commit on the branch, an outcome and a whole log', async () => {
  const attempt = await newAttempt()
  expect(await attempt.run()).toBe(0)
  const { outcome } = attempt.door
  expect(outcome).toMatchObject({
    protocol: 1,
    result: 'pushed',
    pushed: { branch: BRANCH, commits: 1, files: [{ path: 'REHEARSAL.md', added: 5, removed: 0 }] },
    answer: expect.stringContaining('no model was used'),
    warnings: [],
    took: { clone: expect.any(Number), setup: expect.any(Number), agent: expect.any(Number), push: expect.any(Number) },
  })
  expect(attempt.git('rev-parse', BRANCH)).toBe(outcome?.pushed?.commit)
  expect(attempt.git('show', `${BRANCH}:REHEARSAL.md`)).toContain('- 42-n1337 (attempt 1): Fix the typo')
  expect(attempt.git('log', '-1', '--format=%an <%ae>|%cn|%B', BRANCH)).toBe(
    'Errand <errand@example.com>|Errand|Fix the typo\n\nCo-authored-by: Dev <dev@example.com>\nErrand-Task: 42-n1337',
  )
  expect(attempt.lastWords()).toEqual({ branch: BRANCH, commit: outcome?.pushed?.commit })
  expect(attempt.door.logEnded).toBe(true)
  expect(attempt.door.log.equals(readFileSync(join(attempt.workspace, 'log')))).toBe(true)
  expect(attempt.door.log.toString()).toContain('\nset up\n')
  expect(attempt.door.log.toString()).not.toContain('warning')
  expect(attempt.door.activities[0]).toBe('clones demo/shop')
})

test('a follow-up continues the branch, and is measured against the base', async () => {
  const attempt = await newAttempt()
  attempt.commit(BRANCH, { 'REHEARSAL.md': '# Rehearsal\n\n- before\n' })
  attempt.commit('main', { 'other.md': 'moved on\n' })
  expect(await attempt.run()).toBe(0)
  expect(attempt.git('show', `${BRANCH}:REHEARSAL.md`)).toBe(
    '# Rehearsal\n\n- before\n- 42-n1337 (attempt 1): Fix the typo',
  )
  expect(attempt.door.outcome?.pushed).toMatchObject({ commits: 2, files: [{ path: 'REHEARSAL.md', added: 4 }] })
})

test('no change: the answer is all there is, and nothing is pushed', async () => {
  const attempt = await newAttempt({ prompt: 'rehearse: change nothing' })
  expect(await attempt.run()).toBe(0)
  expect(attempt.door.outcome).toMatchObject({ result: 'unchanged', answer: expect.stringContaining('Nothing') })
  expect(attempt.door.outcome?.pushed).toBeUndefined()
  expect(attempt.git('branch', '--list', BRANCH)).toBe('')
  expect(attempt.lastWords()).toEqual({})
})

test('an agent that fails: its change is pushed as unfinished', async () => {
  const attempt = await newAttempt({ prompt: '> rehearse: fail' })
  expect(await attempt.run()).toBe(EXIT['agent-error'])
  expect(attempt.door.outcome).toMatchObject({
    result: 'failed',
    failure: { cause: 'agent-error', message: 'The rehearsal failed, as it was told.' },
    pushed: { branch: BRANCH },
  })
  expect(attempt.git('log', '-1', '--format=%s', BRANCH)).toBe('Fix the typo (unfinished)')
  expect(attempt.lastWords()).toMatchObject({ cause: 'agent-error', branch: BRANCH })
})

test('an agent that hangs and ignores INT and TERM is killed as stuck, its change kept', async () => {
  const attempt = await newAttempt({ prompt: 'rehearse: hang', limits: { stuck: 1 } })
  expect(await attempt.run()).toBe(EXIT.stuck)
  expect(attempt.door.outcome).toMatchObject({ failure: { cause: 'stuck' }, pushed: { branch: BRANCH } })
  expect(attempt.door.outcome?.took.agent).toBeGreaterThan(10_000)
})

test('an agent that takes too long ends with its deadline', async () => {
  const attempt = await newAttempt({ prompt: 'rehearse: wait 50 s', limits: { agent: 1 } })
  expect(await attempt.run()).toBe(EXIT.deadline)
  expect(attempt.door.outcome).toMatchObject({ result: 'failed', failure: { cause: 'deadline' } })
})

test('set-up that fails: its exit code and last words are the reason', async () => {
  const attempt = await newAttempt({ files: { ...READY, 'agent-setup.sh': 'echo no such package\nexit 3\n' } })
  expect(await attempt.run()).toBe(EXIT['setup-failed'])
  expect(attempt.door.outcome?.failure).toEqual({
    cause: 'setup-failed',
    message: 'agent-setup.sh ended with 3. The last it said:\nno such package',
  })
})

test('set-up that takes too long is stopped', async () => {
  const attempt = await newAttempt({ files: { ...READY, 'agent-setup.sh': 'sleep 60\n' }, limits: { setup: 1 } })
  expect(await attempt.run()).toBe(EXIT['setup-failed'])
  expect(attempt.door.outcome?.failure?.message).toContain('took longer than it may')
})

test('a full disk is its own cause, whoever meets it', async () => {
  const script = 'echo "tar: cannot write: No space left on device" >&2\nexit 2\n'
  const attempt = await newAttempt({ files: { ...READY, 'agent-setup.sh': script } })
  expect(await attempt.run()).toBe(EXIT['disk-full'])
  expect(attempt.door.outcome?.failure).toMatchObject({ cause: 'disk-full', message: expect.stringContaining('disk') })
})

test('set-up comes from the default branch, whatever the work branch says', async () => {
  const attempt = await newAttempt()
  attempt.commit(BRANCH, { 'agent-setup.sh': 'echo EVIL\n' })
  expect(await attempt.run()).toBe(0)
  expect(attempt.door.log.toString()).toContain('\nset up\n')
  expect(attempt.door.log.toString()).not.toContain('EVIL')
})

test('no agent-setup.sh and no instructions are warnings in the log', async () => {
  const attempt = await newAttempt({ files: { 'README.md': 'x\n' } })
  expect(await attempt.run()).toBe(0)
  expect(attempt.door.log.toString()).toContain('warning: no agent-setup.sh on main')
  expect(attempt.door.log.toString()).toContain('warning: neither CLAUDE.md nor AGENTS.md')
})

test('a base that does not exist is named', async () => {
  const attempt = await newAttempt({ request: { base: 'nowhere' } })
  expect(await attempt.run()).toBe(EXIT['clone-failed'])
  expect(attempt.door.outcome?.failure?.message).toContain('`nowhere` does not exist in demo/shop')
})

test('a clone that fails is tried three times', async () => {
  const attempt = await newAttempt()
  attempt.door.fault = (_, path) => (path.startsWith('/v1/git') ? { status: 502 } : undefined)
  expect(await attempt.run()).toBe(EXIT['clone-failed'])
  expect(attempt.door.seen.filter((seen) => seen.includes('/v1/git'))).toHaveLength(3)
  expect(attempt.door.outcome?.failure).toMatchObject({
    cause: 'clone-failed',
    message: expect.stringContaining('502'),
  })
})

test('an agent the image does not have, and one that is not installed', async () => {
  const unknown = await newAttempt({ agent: 'nobody' })
  expect(await unknown.run()).toBe(EXIT['agent-error'])
  expect(unknown.door.outcome?.failure?.message).toMatch(
    /^This image has no agent `nobody`; it has .*claude.*rehearsal/,
  )
  const missing = await newAttempt({ agent: 'claude' })
  expect(await missing.run({ PATH: '/usr/bin:/bin' })).toBe(EXIT['agent-error'])
  expect(missing.door.outcome?.failure?.message).toContain('`claude` could not be started')
})

test('a door of another protocol is told so', async () => {
  const attempt = await newAttempt({ request: { protocol: 2 as 1 } })
  expect(await attempt.run()).toBe(EXIT['internal-error'])
  expect(attempt.door.outcome?.failure?.message).toContain('protocol 2, this image 1')
})

test('a workspace that is in use is left alone', async () => {
  const attempt = await newAttempt()
  expect(await attempt.run()).toBe(0)
  const log = readFileSync(join(attempt.workspace, 'log'), 'utf8')
  expect(await attempt.run()).toBe(EXIT['internal-error'])
  expect(readFileSync(join(attempt.workspace, 'log'), 'utf8')).toBe(log)
})

test('TERM, twice, while the agent works: stopped, committed, pushed, 143', async () => {
  const attempt = await newAttempt({ prompt: 'rehearse: wait 50 s' })
  const running = attempt.start()
  const exit = exitOf(running)
  await until(() => attempt.door.activities.includes('waits 50 s'))
  running.kill('SIGTERM')
  running.kill('SIGINT')
  expect(await exit).toBe(143)
  expect(attempt.door.outcome).toMatchObject({
    result: 'failed',
    failure: { cause: 'interrupted' },
    pushed: { commits: 1 },
  })
  expect(attempt.git('show', `${BRANCH}:REHEARSAL.md`)).toContain('Fix the typo')
  expect(attempt.door.logEnded).toBe(true)
  expect(existsSync(join(attempt.workspace, 'agent.pid'))).toBe(false)
})

test('TERM before the agent began: interrupted, and nothing to push', async () => {
  const attempt = await newAttempt({ files: { ...READY, 'agent-setup.sh': 'echo begun\nsleep 60\n' } })
  const running = attempt.start()
  const exit = exitOf(running)
  await until(() => attempt.door.activities.includes('runs agent-setup.sh'))
  running.kill('SIGTERM')
  expect(await exit).toBe(143)
  expect(attempt.door.outcome).toMatchObject({ result: 'failed', failure: { cause: 'interrupted' } })
  expect(attempt.door.outcome?.pushed).toBeUndefined()
})
