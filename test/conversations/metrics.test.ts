import { expect, test } from 'vitest'
import { startWorld } from './world.ts'

test('one conversation, in numbers', async () => {
  await using world = await startWorld()
  const numbers = async () => {
    const text = await world.vitals.metrics.read()
    return new Map(
      text
        .split('\n')
        .filter((line) => line.startsWith('errand_'))
        .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))] as const),
    )
  }
  const task = await world.say('developer', '/agent add a health check')
  await world.answer(task)
  await world.over(task)
  await world.say('reporter', 'Nice weather.')
  await world.until('the remark to be heard', async () =>
    (await numbers()).has('errand_received_total{outcome="ignored"}') ? true : undefined,
  )
  const said = await numbers()
  const of = (name: string) => said.get(`errand_${name}`)
  expect(of('deliveries_total{status="202"}')).toBeGreaterThanOrEqual(2)
  expect(of('received_total{outcome="new"}')).toBe(1)
  for (const milestone of ['seen', 'job', 'agent', 'merge_request']) {
    expect(of(`milestone_seconds_count{milestone="${milestone}"}`), milestone).toBe(1)
    expect(of(`milestone_seconds_sum{milestone="${milestone}"}`), milestone).toBeLessThan(60)
  }
  expect(of('tasks_finished_total{project="demo/shop",state="succeeded",cause=""}')).toBe(1)
  expect(of('task_seconds_count{state="succeeded"}')).toBe(1)
  for (const state of ['queued', 'starting', 'running', 'finishing']) expect(of(`tasks{state="${state}"}`)).toBe(0)
  for (const queue of ['deliveries', 'tasks']) {
    expect(of(`queue_age_seconds{queue="${queue}"}`)).toBeLessThan(10)
    expect(of(`queue_jobs{queue="${queue}",state="parked"}`)).toBe(0)
  }
  expect(of('look_seconds_count{outcome="done"}')).toBeGreaterThan(3)
  expect(of('gitlab_call_seconds_count{method="GET",status="200"}')).toBeGreaterThan(3)
  expect(of('gitlab_call_seconds_count{method="POST",status="201"}')).toBeGreaterThan(2)
  expect(of('sweeps_total{outcome="done"}')).toBeGreaterThan(0)
  expect(of('log_bytes_total')).toBeGreaterThan(100)
  expect(of('masked_total')).toBeDefined()
  expect(of('sweep_found_total')).toBe(0)
})

test('what no hook brought, GitLab’s limit and a failure are in the numbers', async () => {
  await using world = await startWorld({ config: { pace: { sweep: 1, find: 1, gitlabBackoff: 0.05 } } })
  Object.assign(world.sandbox.faults.api, {
    failEvery: 1,
    times: 1,
    status: 429,
    rateLimit: 'json',
    only: 'award_emoji',
  })
  await world.down()
  const task = await world.say('developer', '/agent add a health check\nrehearse: fail')
  await world.up()
  await world.answer(task)
  await world.over(task)
  const text = await world.vitals.metrics.read()
  expect(text).toContain('errand_sweep_found_total 1\n')
  expect(text).toMatch(/errand_gitlab_call_seconds_count\{method="POST",status="429"\} [1-9]/)
  expect(text).toContain('errand_tasks_finished_total{project="demo/shop",state="failed",cause="agent-error"} 1\n')
})
