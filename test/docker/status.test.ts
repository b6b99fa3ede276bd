import { expect, test } from 'vitest'
import type { Container } from '../../src/docker/engine.ts'
import { runOf } from '../../src/docker/status.ts'

const NEVER = '0001-01-01T00:00:00Z'
const START = '2026-11-22T22:00:00.5Z'
const HOUR = 3_600_000

function container(state: Partial<Container['State']>): Container {
  return {
    Id: 'c1',
    Created: '2026-11-22T21:59:59Z',
    State: {
      Status: 'exited',
      ExitCode: 0,
      OOMKilled: false,
      Error: '',
      StartedAt: START,
      FinishedAt: '2026-11-22T22:10:00Z',
      ...state,
    },
    Config: { Labels: {} },
    HostConfig: { Memory: 4 * 2 ** 30 },
  }
}
const run = (state: Partial<Container['State']>, words?: string) => runOf(container(state), words, HOUR)

test('not there, not started, under way', () => {
  expect(runOf(undefined, undefined, HOUR)).toEqual({
    is: 'absent',
    why: 'its container is gone: somebody removed it',
  })
  expect(run({ Status: 'created', StartedAt: NEVER, FinishedAt: NEVER })).toEqual({ is: 'waiting', why: '' })
  for (const Status of ['running', 'paused', 'stopping']) {
    expect(run({ Status, FinishedAt: NEVER }), Status).toEqual({ is: 'running', since: Date.parse(START) })
  }
})

test('an end by itself has its exit code, and says where the work is', () => {
  expect(run({ ExitCode: 12 })).toEqual({
    is: 'ended',
    exit: 12,
    why: 'the run ended with exit code 12 and left no outcome',
  })
  const words = JSON.stringify({ cause: 'agent-error', branch: 'agent/42-n1337', commit: 'a'.repeat(40) })
  expect(run({ ExitCode: 20 }, words)).toMatchObject({
    why: expect.stringContaining('; its work so far is on agent/42-n1337, commit aaaaaaaa'),
  })
  expect(run({ ExitCode: 20 }, '{"branch":"<b>","commit":1}')).not.toMatchObject({
    why: expect.stringContaining('its work'),
  })
})

test.for([
  [{ OOMKilled: true, ExitCode: 137 }, 'out-of-memory', 'it used more than its memory limit, 4096 MiB'],
  [{ ExitCode: 143, FinishedAt: '2026-11-22T23:00:01Z' }, 'deadline', 'it ran into its time limit'],
  [{ ExitCode: 127, StartedAt: NEVER, Error: 'no such file' }, 'image', 'the image could not be started: no such file'],
  [{ Status: 'dead', ExitCode: 255 }, 'lost', 'it was killed by signal 127'],
] as const)('%o: %s', ([state, cause, why]) => {
  expect(run(state)).toMatchObject({ is: 'ended', cause, infrastructure: cause === 'lost', why })
})
