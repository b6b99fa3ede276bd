import { chmodSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { EXIT } from '../../runtime/protocol.ts'
import { type Attempt, BRANCH } from './attempt.ts'
import { left } from './left.ts'

/** A person who pushes to the branch just before each push of ours, `times` times. */
function meddle(attempt: Attempt, times: number, files: (n: number) => Readonly<Record<string, string>>): void {
  let done = 0
  attempt.door.fault = (_, path) => {
    if (path.endsWith('service=git-receive-pack') && done < times) {
      done += 1
      attempt.commit(BRANCH, files(done))
    }
    return undefined
  }
}

const subjects = (attempt: Attempt, branch: string) => attempt.git('log', '--format=%an:%s', `main..${branch}`)

test('the branch moved meanwhile: rebased once', async () => {
  const attempt = await left('echo 1 > one')
  attempt.door.fault = (_, path) => {
    if (path.endsWith('git-receive-pack') && attempt.git('branch', '--list', BRANCH) === '')
      attempt.commit(BRANCH, { person: 'x\n' })
    return undefined
  }
  expect(await attempt.run()).toBe(0)
  expect(subjects(attempt, BRANCH)).toBe('Errand:Fix the typo\nPerson:Change person')
  expect(attempt.git('rev-parse', BRANCH)).toBe(attempt.door.outcome?.pushed?.commit)
  expect(attempt.door.outcome?.warnings).toEqual([])
})

test('the branch moved meanwhile, and conflicts: the work goes beside it, never forced, and the reply says where', async () => {
  const attempt = await left('echo agent > README.md')
  meddle(attempt, 1, () => ({ 'README.md': 'person\n' }))
  expect(await attempt.run()).toBe(0)
  expect(attempt.git('show', `${BRANCH}:README.md`)).toBe('person')
  expect(attempt.git('show', `${BRANCH}-2:README.md`)).toBe('agent')
  expect(attempt.door.outcome).toMatchObject({
    result: 'pushed',
    answer: 'Done.',
    pushed: { branch: `${BRANCH}-2`, commit: attempt.git('rev-parse', `${BRANCH}-2`), commits: 1 },
    warnings: [
      `Somebody else pushed to \`${BRANCH}\` meanwhile, and the agent's work conflicts with it: the work is on \`${BRANCH}-2\`.`,
    ],
  })
  expect(attempt.lastWords()).toMatchObject({ branch: `${BRANCH}-2` })
})

test('the branch moved again while it was rebased: the work goes beside it', async () => {
  const attempt = await left('echo 1 > one')
  meddle(attempt, 2, (n) => ({ [`person${n}`]: 'x\n' }))
  expect(await attempt.run()).toBe(0)
  expect(subjects(attempt, BRANCH)).toBe('Person:Change person2\nPerson:Change person1')
  expect(subjects(attempt, `${BRANCH}-2`)).toBe('Errand:Fix the typo')
  expect(attempt.door.outcome?.warnings).toEqual([
    `Somebody else pushed to \`${BRANCH}\` meanwhile, once more while it was rebased: the work is on \`${BRANCH}-2\`.`,
  ])
})

test('the place beside it is taken as well: refused, nothing is overwritten, and the work is a patch in the log', async () => {
  const attempt = await left('echo agent > README.md')
  attempt.commit(`${BRANCH}-2`, { other: 'x\n' })
  const before = attempt.git('rev-parse', `${BRANCH}-2`)
  meddle(attempt, 1, () => ({ 'README.md': 'person\n' }))
  expect(await attempt.run()).toBe(EXIT['push-refused'])
  expect(attempt.git('rev-parse', `${BRANCH}-2`)).toBe(before)
  expect(attempt.door.outcome).toMatchObject({
    result: 'failed',
    failure: { cause: 'push-refused', message: expect.stringContaining(`\`${BRANCH}-2\` exists already.`) },
    warnings: [expect.stringContaining('as a patch')],
  })
  expect(attempt.door.log.toString()).toMatch(/errand: the work as a patch.*\n\+agent\n.*errand: the end of the patch/s)
})

test('a push that the other side refuses, in its own words; what was done is a patch in the log that git takes', async () => {
  const attempt = await left('echo 1 > one; printf "\\0\\1" > binary')
  const hook = `${attempt.git('rev-parse', '--absolute-git-dir')}/hooks/pre-receive`
  writeFileSync(hook, '#!/bin/sh\necho "GitLab: files over 1 MB are not allowed" >&2\nexit 1\n')
  chmodSync(hook, 0o755)
  expect(await attempt.run()).toBe(EXIT['push-refused'])
  expect(attempt.door.outcome?.failure?.message).toContain('files over 1 MB are not allowed')
  const [, patch = ''] = /for `git am`:\n(.*)errand: the end of the patch/s.exec(attempt.door.log.toString()) ?? []
  const mail = `${attempt.folder}/patch`
  writeFileSync(mail, patch)
  attempt.git('worktree', 'add', '--quiet', `${attempt.folder}/by-hand`, 'main')
  attempt.git('-C', `${attempt.folder}/by-hand`, 'am', '--quiet', mail)
  expect(attempt.git('-C', `${attempt.folder}/by-hand`, 'show', '--stat', '--format=%s')).toMatch(
    /^Fix the typo\n.*binary.*one/s,
  )
})

test('a push through an unsteady network is tried again', async () => {
  const attempt = await left('echo 1 > one')
  let failures = 2
  attempt.door.fault = (_, path) => (path.endsWith('git-receive-pack') && failures-- > 0 ? { status: 503 } : undefined)
  expect(await attempt.run()).toBe(0)
  expect(attempt.door.outcome?.result).toBe('pushed')
})
