import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { pack } from '../../runtime/archive.ts'
import { LARGEST_SESSION } from '../../runtime/protocol.ts'
import { type Attempt, BRANCH, exitOf, newAttempt, until } from './attempt.ts'

const answer = (attempt: Attempt) => attempt.door.outcome?.answer
const FRESH = 'it started with a fresh memory.'

/** A follow-up of a conversation with one request before it; `lose` is done to what the door keeps of that. */
async function followUp(lose: (attempt: Attempt) => void): Promise<Attempt> {
  const attempt = await newAttempt({ request: { session: true } })
  const { folder, door } = attempt
  mkdirSync(join(folder, '.rehearsal'))
  writeFileSync(join(folder, '.rehearsal', 'one'), 'a request\n')
  const note = { name: 'session.json', text: '{"session":"one"}' }
  door.session = (await pack(folder, ['.rehearsal'], note, LARGEST_SESSION, new AbortController().signal)).archive
  lose(attempt)
  expect(await attempt.run()).toBe(0)
  return attempt
}

test('a conversation of three requests, each in a container of its own', async () => {
  const attempt = await newAttempt()
  expect(await attempt.run()).toBe(0)
  expect(answer(attempt)).not.toContain('remember')
  attempt.again({ session: true, task: '42-n1400', subject: 'And the next' })
  expect(await attempt.run()).toBe(0)
  expect(answer(attempt)).toContain('I remember 1 earlier request.')
  attempt.again({ session: true, task: '42-n1500', mode: 'plan' })
  expect(await attempt.run()).toBe(0)
  expect(answer(attempt)).toContain('I remember 2 earlier requests.')
  expect(attempt.door.outcome?.warnings).toEqual([])
  expect(attempt.door.log.toString()).toContain('goes on with the session rehearsal-42-n1337')
})

test('a drained node: stopped in the middle, and the next attempt goes on from the branch and the memory', async () => {
  const attempt = await newAttempt({ prompt: 'rehearse: wait 50 s' })
  const running = attempt.start()
  const exit = exitOf(running)
  await until(() => attempt.door.activities.includes('waits 50 s'))
  running.kill('SIGTERM')
  expect(await exit).toBe(143)
  const order = attempt.door.seen.map((call) => call.replace(/git-receive-pack$/, 'push'))
  const last = (call: string) => order.lastIndexOf(call)
  expect(last('POST /v1/git/push')).toBeLessThan(last('PUT /v1/session'))
  expect(last('PUT /v1/session')).toBeLessThan(last('PATCH /v1/log'))
  expect(last('PATCH /v1/log')).toBeLessThan(last('PUT /v1/outcome'))

  attempt.again({ session: true, attempt: 2, prompt: 'Fix the typo.' })
  expect(await attempt.run()).toBe(0)
  expect(answer(attempt)).toContain('I remember 1 earlier request.')
  expect(attempt.git('show', `${BRANCH}:REHEARSAL.md`)).toMatch(/attempt 1\).*attempt 2\)/s)
})

test('a failure is remembered too, and so is a run that changed nothing', async () => {
  for (const prompt of ['rehearse: fail', 'rehearse: change nothing']) {
    const attempt = await newAttempt({ prompt })
    await attempt.run()
    expect(attempt.door.session).toBeDefined()
  }
})

test('more than is kept: said in words, and the next run starts afresh, not with what was kept before', async () => {
  const attempt = await newAttempt()
  expect(await attempt.run()).toBe(0)
  attempt.again({ session: true, task: '42-n1400', prompt: 'rehearse: remember 25 MB' })
  expect(await attempt.run()).toBe(0)
  expect(attempt.door.outcome?.warnings).toEqual([
    'What the agent remembers has 26 MB, more than the 20 MB that are kept: the next comment starts with a fresh memory.',
  ])
  attempt.again({ session: true, task: '42-n1500', prompt: 'Fix the typo.' })
  expect(await attempt.run()).toBe(0)
  expect(answer(attempt)).not.toContain('remember')
  expect(attempt.door.outcome?.warnings).toEqual([])
})

test('a door that does not take it, or is away', async () => {
  for (const [status, said] of [
    [413, 'the door answered 413'],
    [507, 'the door answered 507'],
    [503, 'the door answered 503'],
  ] as const) {
    const attempt = await newAttempt()
    attempt.door.fault = (_, path) => (path === '/v1/session' ? { status } : undefined)
    expect(await attempt.run({ ERRAND_PATIENCE: '5' })).toBe(0)
    expect(attempt.door.outcome).toMatchObject({
      result: 'pushed',
      warnings: [
        `What the agent remembers could not be kept (${said}): the next comment will know nothing of this run.`,
      ],
    })
  }
})

test('one that is kept', async () => {
  const attempt = await followUp(() => undefined)
  expect(answer(attempt)).toContain('I remember 1 earlier request.')
})

test('one that is no longer kept', async () => {
  const attempt = await followUp(({ door }) => {
    door.session = undefined
  })
  expect(answer(attempt)).not.toContain('remember')
  expect(attempt.door.outcome?.warnings).toEqual([
    `What the agent remembered of this conversation is no longer kept: ${FRESH}`,
  ])
})

test('one that breaks off: a warning and a fresh start', async () => {
  const attempt = await followUp(({ door }) => {
    door.session = door.session?.subarray(0, -20)
  })
  expect(answer(attempt)).not.toContain('remember')
  expect(attempt.door.outcome).toMatchObject({
    result: 'pushed',
    warnings: [`What the agent remembered of this conversation is damaged (unexpected end of file): ${FRESH}`],
  })
})

test('what a hostile agent left behind writes nothing outside the home: a warning and a fresh start', async () => {
  const attempt = await followUp(({ door, folder }) => {
    const hostile = join(folder, 'hostile')
    mkdirSync(hostile)
    writeFileSync(join(hostile, 'session.json'), '{"session":"one"}')
    symlinkSync(folder, join(hostile, '.rehearsal'))
    const behind = ['--transform=s,^session.json$,.rehearsal/stolen,', 'session.json']
    door.session = execFileSync('tar', ['-czf', '-', '-C', hostile, 'session.json', '.rehearsal', ...behind])
  })
  expect(answer(attempt)).not.toContain('remember')
  expect(attempt.door.outcome?.warnings).toEqual([
    `What the agent remembered of this conversation is damaged (it has more than files and folders): ${FRESH}`,
  ])
  expect(existsSync(join(attempt.folder, 'stolen'))).toBe(false)
  expect(existsSync(join(attempt.workspace, 'memory'))).toBe(false)
})

test.each([
  ['named like an option', '{"session":"--dangerously"}'],
  ['without a name', '{"session":7}'],
  ['of no sense', 'nonsense'],
])('a conversation %s is not gone on with', async (_, note) => {
  const attempt = await followUp(({ door, folder }) => {
    writeFileSync(join(folder, 'session.json'), note)
    door.session = execFileSync('tar', ['-czf', '-', '-C', folder, 'session.json'])
  })
  expect(answer(attempt)).not.toContain('remember')
  expect(attempt.door.outcome?.warnings).toEqual([expect.stringContaining('it does not name the conversation')])
})
