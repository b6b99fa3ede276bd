import { expect, test } from 'vitest'
import { EXIT } from '../../runtime/protocol.ts'
import { endOfExit, KNOWN_EXITS, reachedDoor } from '../../src/tasks/exitCode.ts'

const end = (exit: number) => endOfExit(exit, (why) => why)

test('the exit codes of the contract are known, and no others', () => {
  expect([...KNOWN_EXITS]).toEqual(Object.values(EXIT))
})

test('which ends the door has surely heard of', () => {
  const heard = [...KNOWN_EXITS].filter((exit) => reachedDoor(end(exit)))
  expect(heard).toEqual([0, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 143])
  expect([1, 137, 139].some((exit) => reachedDoor(end(exit)))).toBe(false)
})

test.for([
  [12, undefined, 'the run ended with exit code 12 and left no outcome'],
  [137, 'lost', 'it was killed (exit code 137), as when its node runs out of memory'],
  [139, 'lost', 'it was killed by signal 11'],
  [1, 'image', "the image's own program ended with exit code 1"],
] as const)('exit code %i: %s', ([exit, cause, why]) => {
  const told = endOfExit(exit, (words) => `${words}!`)
  expect(told).toMatchObject({ exit, why: expect.stringContaining(why), ...(cause === undefined ? {} : { cause }) })
  expect(told.why).toMatch(/!$/)
  expect(told.infrastructure).toBe(cause === undefined ? undefined : cause === 'lost')
})
