import { expect, test } from 'vitest'
import { EXIT } from '../../runtime/protocol.ts'
import { BRANCH, newAttempt } from './attempt.ts'
import { left } from './left.ts'

test('a plan is an answer: nothing is committed or pushed, and the session is kept for who does it', async () => {
  const attempt = await newAttempt({ request: { mode: 'plan' } })
  expect(await attempt.run()).toBe(0)
  expect(attempt.door.outcome).toMatchObject({
    result: 'unchanged',
    answer: expect.stringContaining('I would write your request'),
    warnings: [],
  })
  expect(attempt.door.outcome?.pushed).toBeUndefined()
  expect(attempt.door.seen.filter((call) => call.includes('receive-pack'))).toEqual([])

  attempt.again({ mode: 'do', session: true, task: '42-n1400' })
  expect(await attempt.run()).toBe(0)
  expect(attempt.door.outcome).toMatchObject({
    result: 'pushed',
    answer: expect.stringContaining('I remember 1 earlier request.'),
  })
})

test('an agent that changes and commits something all the same: not kept, and said', async () => {
  const request = { mode: 'plan' } as const
  for (const trick of ['echo 1 > one', 'echo 1 > one; git add one; git commit -qm one; git switch -q main']) {
    const attempt = await left(trick, { request })
    expect(await attempt.run()).toBe(0)
    expect(attempt.door.outcome).toMatchObject({
      result: 'unchanged',
      answer: 'Done.',
      warnings: ['A plan changes nothing: what the agent changed all the same is not kept.'],
    })
    expect(attempt.git('branch', '--list', BRANCH)).toBe('')
  }
})

test('a plan that fails is a failure', async () => {
  const attempt = await newAttempt({ prompt: 'rehearse: fail', request: { mode: 'plan' } })
  expect(await attempt.run()).toBe(EXIT['agent-error'])
  expect(attempt.door.outcome).toMatchObject({ result: 'failed', failure: { cause: 'agent-error' } })
})
