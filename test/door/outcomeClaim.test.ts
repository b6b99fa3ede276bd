import { expect, test } from 'vitest'
import type { Outcome } from '../../runtime/protocol.ts'
import { asPushed } from '../../src/door/outcomeClaim.ts'

const BRANCH = 'agent/42-n1337'
const COMMIT = 'c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00'
const outcome = (branch: string, commit = COMMIT): Outcome => ({
  protocol: 1,
  result: 'pushed',
  pushed: { branch, commit, commits: 1, files: [] },
  warnings: [],
  took: {},
})
const PUSHES = [{ branch: BRANCH, after: COMMIT }]

const TABLE: readonly (readonly [what: string, left: Outcome, pushes: typeof PUSHES, believed: boolean])[] = [
  ['what went through the door', outcome(BRANCH), PUSHES, true],
  ['the branch beside it', outcome(`${BRANCH}-2`), [...PUSHES, { branch: `${BRANCH}-2`, after: COMMIT }], true],
  ['a push that could not be recorded', outcome(BRANCH), [], true],
  ["somebody else's branch", outcome('release'), PUSHES, false],
  ["somebody else's branch, and nothing recorded", outcome('release'), [], false],
  ['another commit than was pushed', outcome(BRANCH, 'd'.repeat(40)), PUSHES, false],
]
test.each(TABLE)('%s', (_, left, pushes, believed) => {
  const judged = asPushed(left, BRANCH, pushes)
  if (believed) expect(judged).toEqual(left)
  else {
    expect(judged.pushed).toBeUndefined()
    expect(judged).toMatchObject({ result: 'failed', failure: { cause: 'agent-error' } })
  }
})
test('nothing pushed, nothing to doubt', () => {
  const left: Outcome = { protocol: 1, result: 'unchanged', warnings: [], took: {} }
  expect(asPushed(left, BRANCH, PUSHES)).toBe(left)
})
