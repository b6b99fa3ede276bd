import { expect, test } from 'vitest'
import { z } from 'zod'
import { pushedBranch } from './clone.ts'
import { steer } from './controls.ts'
import { hooked } from './hookReceiver.ts'
import { list, startedSandbox } from './startedSandbox.ts'

const Made = z.looseObject({ id: z.number(), jobs: z.array(z.looseObject({ id: z.number(), name: z.string() })) })
const failing = [
  { name: 'build', stage: 'build' },
  { name: 'unit', status: 'failed', trace: 'one\n\u001b[31mexpected 2, got 3\u001b[0m\n' },
  { name: 'style', status: 'failed', allow_failure: true },
]

/** A branch of the bot with a merge request, and what it takes to give it a pipeline. */
async function worked() {
  const { sandbox, ask } = await startedSandbox()
  const sha = await pushedBranch(sandbox.url, 'work')
  const fields = { source_branch: 'work', target_branch: 'main', title: 'W' }
  await ask('errand-bot', 'POST', '/projects/1/merge_requests', fields)
  const run = async (wish: object) => {
    const reply = await steer(sandbox.url, 'POST', '/pipelines', { project: 'demo/shop', ref: 'work', ...wish })
    expect(reply.status).toBe(201)
    return Made.parse(reply.body)
  }
  return { sandbox, ask, sha, run }
}

test('a pipeline is found by branch and commit, with its jobs and their logs', async () => {
  const { ask, sha, run } = await worked()
  const { id, jobs } = await run({ jobs: failing })
  const found = list(await ask('errand-bot', 'GET', `/projects/1/pipelines?ref=work&sha=${sha}`))
  expect(found).toMatchObject([{ id, status: 'failed', source: 'push', ref: 'work', sha }])
  expect(list(await ask('errand-bot', 'GET', '/projects/1/pipelines?ref=main'))).toEqual([])
  expect(list(await ask('errand-bot', 'GET', '/projects/1/pipelines?status=success'))).toEqual([])
  expect((await ask('errand-bot', 'GET', `/projects/1/pipelines/${id}`)).body).toMatchObject({
    status: 'failed',
    user: { username: 'errand-bot' },
    finished_at: expect.any(String),
  })
  const listed = list(await ask('errand-bot', 'GET', `/projects/1/pipelines/${id}/jobs`))
  expect(listed).toMatchObject([
    { name: 'style', status: 'failed', allow_failure: true },
    { name: 'unit', status: 'failed', failure_reason: 'script_failure', stage: 'test', pipeline: { id } },
    { name: 'build', status: 'success', stage: 'build' },
  ])
  expect(list(await ask('errand-bot', 'GET', `/projects/1/pipelines/${id}/jobs?scope[]=failed`))).toHaveLength(2)
  const unit = jobs.find(({ name }) => name === 'unit')?.id
  const trace = await ask('errand-bot', 'GET', `/projects/1/jobs/${unit}/trace`)
  expect([trace.headers.get('content-type'), trace.text]).toEqual([
    'text/plain; charset=utf-8',
    'one\n\u001b[31mexpected 2, got 3\u001b[0m\n',
  ])
  expect((await ask('errand-bot', 'GET', `/projects/1/jobs/${unit}`)).body).toMatchObject({ name: 'unit' })
  expect((await ask('errand-bot', 'GET', `/projects/2/jobs/${unit}`)).status).toBe(404)
  expect((await ask('errand-bot', 'GET', '/projects/1/merge_requests/1')).body).toMatchObject({
    head_pipeline: { id, status: 'failed' },
  })
})

test('the hook tells of each change of status, and of nothing else', async () => {
  const { sandbox, ask, sha, run } = await worked()
  const receiver = await hooked(ask, { pipeline_events: true })
  const { id } = await run({ jobs: [{ name: 'unit', status: 'running' }] })
  const set = (job: object) => steer(sandbox.url, 'PUT', `/pipelines/${id}`, { jobs: [{ name: 'unit', ...job }] })
  await set({ trace: 'still at it\n' })
  await set({ status: 'failed', failure_reason: 'runner_system_failure', trace: 'gone\n' })
  const got = await receiver.wait(2)
  expect(got.map(({ event, payload }) => [event, payload.object_attributes.status])).toEqual([
    ['Pipeline Hook', 'running'],
    ['Pipeline Hook', 'failed'],
  ])
  expect(got[1]?.payload).toMatchObject({
    object_kind: 'pipeline',
    object_attributes: {
      id,
      ref: 'work',
      sha,
      source: 'push',
      tag: false,
      stages: ['test'],
      detailed_status: 'failed',
    },
    merge_request: null,
    user: { username: 'errand-bot' },
    project: { id: 1 },
    commit: { id: sha, title: 'Write NEW.md' },
    builds: [{ name: 'unit', status: 'failed', failure_reason: 'runner_system_failure', allow_failure: false }],
  })
})

test('the pipeline of a merge request is of its own ref in the API, and of the branch in the hook', async () => {
  const { ask, run } = await worked()
  const receiver = await hooked(ask, { pipeline_events: true })
  const { id } = await run({ merge_request: 1, jobs: [{ name: 'unit', status: 'failed' }] })
  const [told] = await receiver.wait(1)
  expect(told?.payload).toMatchObject({
    object_attributes: { id, ref: 'work', source: 'merge_request_event' },
    merge_request: { iid: 1, source_branch: 'work', target_branch: 'main', state: 'opened' },
  })
  const ref = encodeURIComponent('refs/merge-requests/1/head')
  expect(list(await ask('errand-bot', 'GET', `/projects/1/pipelines?ref=${ref}`))).toMatchObject([{ id }])
  expect(list(await ask('errand-bot', 'GET', '/projects/1/pipelines?ref=work'))).toEqual([])
  expect(list(await ask('errand-bot', 'GET', '/projects/1/merge_requests/1/pipelines'))).toMatchObject([{ id }])
})

test('a retry runs what failed once more, as jobs of their own', async () => {
  const { sandbox, ask, run } = await worked()
  const { id } = await run({ jobs: failing })
  expect((await ask('reporter', 'POST', `/projects/1/pipelines/${id}/retry`)).status).toBe(403)
  const retried = await ask('errand-bot', 'POST', `/projects/1/pipelines/${id}/retry`)
  expect([retried.status, retried.body]).toMatchObject([201, { id, status: 'running', finished_at: null }])
  const jobs = async (query = '') => list(await ask('errand-bot', 'GET', `/projects/1/pipelines/${id}/jobs${query}`))
  expect((await jobs()).map(({ name, status }) => `${name} ${status}`)).toEqual([
    'style pending',
    'unit pending',
    'build success',
  ])
  expect(await jobs('?include_retried=true')).toHaveLength(5)
  const over = {
    jobs: [
      { name: 'unit', status: 'success' },
      { name: 'style', status: 'failed' },
    ],
  }
  expect((await steer(sandbox.url, 'PUT', `/pipelines/${id}`, over)).body).toMatchObject({ status: 'success' })
})

test('the latest is that of the newest commit, and 403 where there is none', async () => {
  const { ask, run } = await worked()
  expect((await ask('errand-bot', 'GET', '/projects/1/pipelines/latest?ref=work')).status).toBe(403)
  await run({ jobs: [{ name: 'unit' }] })
  const { id } = await run({ jobs: [{ name: 'unit' }] })
  expect((await ask('errand-bot', 'GET', '/projects/1/pipelines/latest?ref=work')).body).toMatchObject({ id })
})

test('what cannot be is refused with the reason', async () => {
  const { sandbox, run } = await worked()
  const wish = { project: 1, ref: 'work', jobs: [{ name: 'unit' }] }
  for (const [wrong, status] of [
    [{ jobs: [] }, 400],
    [{ jobs: [{ name: 'unit', status: 'odd' }] }, 400],
    [{ ref: 'none' }, 404],
    [{ project: 99 }, 404],
    [{ user: 'none' }, 404],
  ] as const) {
    expect((await steer(sandbox.url, 'POST', '/pipelines', { ...wish, ...wrong })).status).toBe(status)
  }
  const { id } = await run({ jobs: [{ name: 'unit' }] })
  expect((await steer(sandbox.url, 'PUT', `/pipelines/${id}`, { jobs: [{ name: 'other' }] })).body).toEqual({
    message: 'The pipeline has no job other.',
  })
  expect((await steer(sandbox.url, 'PUT', '/pipelines/1', { jobs: [] })).status).toBe(404)
})
