/** The real entrypoint as the pods of the stand-in: what the Job gives it is all that it needs. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { PLACES } from '../../src/kubernetes/volume.ts'
import { newAttempt, READY } from '../runtime/attempt.ts'
import { CREDENTIAL } from '../runtime/standInDoor.ts'
import { aWorld, recorded } from './aWorld.ts'
import type { Script } from './standIn/cluster.ts'
import { runningStatus, terminatedStatus } from './standIn/scripts.ts'

const ENTRYPOINT = new URL('../../runtime/entrypoint.ts', import.meta.url).pathname

/** A container without walls: the Job's environment, with its folders below one of ours. */
const entrypoint: Script = async (actor) => {
  const folder = mkdtempSync(join(tmpdir(), 'errand-pod-'))
  try {
    const given = actor.job.spec?.template.spec?.containers[0]?.env ?? []
    const credential = join(folder, 'credential')
    const lastWords = join(folder, 'last-words')
    writeFileSync(credential, await actor.credential())
    writeFileSync(lastWords, '')
    const moved: Readonly<Record<string, string>> = {
      [`${PLACES.credential}/credential`]: credential,
      [PLACES.workspace]: join(folder, 'workspace'),
      '/dev/termination-log': lastWords,
    }
    const env = Object.fromEntries(given.map(({ name, value = '' }) => [name, moved[value] ?? value]))
    const child = spawn(process.execPath, [ENTRYPOINT], {
      env: { PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`, ...env },
      stdio: 'ignore',
    })
    actor.asked.addEventListener('abort', () => child.kill('SIGTERM'))
    actor.show(runningStatus())
    const [exitCode] = await once(child, 'exit')
    actor.show(terminatedStatus({ exitCode, message: readFileSync(lastWords, 'utf8') }))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

test('a run to its end: the outcome is at the door, the branch is pushed, the exit code is 0', async () => {
  const attempt = await newAttempt({ files: READY })
  const { runner, until, left } = await aWorld(entrypoint, { door: attempt.door.url, credential: CREDENTIAL })
  const task = recorded(1337)
  await runner.launch(task)
  expect(await until(task, 'ended')).toMatchObject({ exit: 0 })
  expect(attempt.door.outcome).toMatchObject({ result: 'pushed', pushed: { branch: 'agent/42-n1337' } })
  expect(attempt.git('show', 'agent/42-n1337:REHEARSAL.md')).not.toBe('')
  expect(left.size).toBe(0)
})

test('a stop: its work is pushed while the Job is gone already, then nothing is left', async () => {
  const prompt = 'rehearse: wait 30 s'
  const attempt = await newAttempt({ files: READY, prompt })
  const { runner, until, cluster } = await aWorld(entrypoint, { door: attempt.door.url, credential: CREDENTIAL })
  const task = recorded(1337)
  await runner.launch(task)
  await until(task, 'running')
  while (!attempt.door.activities.includes('waits 30 s')) await new Promise((soon) => setTimeout(soon, 20))
  await runner.stop(task)
  expect(cluster.server.objects.list('jobs', '')).toEqual([])
  await until(task, 'absent')
  expect(attempt.door.outcome).toMatchObject({ result: 'failed', failure: { cause: 'interrupted' } })
  expect(attempt.git('show', 'agent/42-n1337:REHEARSAL.md')).not.toBe('')
})
