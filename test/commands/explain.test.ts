import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { explain } from '../../src/commands/explain.ts'
import { ownEnvironment } from '../../src/config.ts'

const payload = (note: string): Buffer =>
  Buffer.from(
    JSON.stringify({
      object_kind: 'note',
      project_id: 42,
      user: { id: 5, username: 'dora', name: 'Dora' },
      project: { path_with_namespace: 'demo/shop', default_branch: 'main' },
      object_attributes: { id: 1337, note, noteable_type: 'Issue' },
      issue: { iid: 7, title: 'A typo' },
    }),
  )

test('a command', async () =>
  expect(await explain(payload('/agent fix it'), '/agent')).toMatchInlineSnapshot(`
    "Delivery  42-n1337, answered with 202
    Command   {"command":"prompt","prompt":"fix it","flags":{}}
    Task      42-n1337, if @dora is an active member with the role Developer or higher
    Branch    agent/42-n1337, from main
    Prompt    "fix it"
    First comment:
      | ⏳ **Queued.** It starts in a moment.
      | 
      | [Details](https://errand.example.com/tasks/42-n1337) · to stop it, reply \`/agent stop\`
      | 
      | <!-- errand:42-n1337 status -->"
  `))
test('no command', async () =>
  expect(await explain(payload('hello'), '/agent')).toMatchInlineSnapshot(`
    "Delivery  42-n1337, answered with 202
    Command   none
    Task      none: it has no command, and is no reply to us"
  `))
test('an order', async () =>
  expect(await explain(payload('/agent stop'), '/agent')).toMatchInlineSnapshot(`
    "Delivery  42-n1337, answered with 202
    Command   {"command":"stop"}
    Answer    42-n1337: nothing-to
    First comment:
      | Nothing is running here, so there is nothing to stop. \`/agent status\` lists what was asked.
      | 
      | <!-- errand:42-n1337 reply -->"
  `))
test('no JSON', async () =>
  expect(await explain(Buffer.from('{'), '/agent')).toContain('Refused with 400: the body is not JSON'))
test('another event', async () => {
  expect(await explain(Buffer.from('{"object_kind":"push"}'), '/agent')).toContain('Answered with 200 and ignored')
})

const PAYLOADS = ownEnvironment().ERRAND_PAYLOADS ?? ''
const FILES = existsSync(PAYLOADS) ? readdirSync(PAYLOADS).filter((name) => name.endsWith('.json')) : []

/** What each of GitLab's own examples comes to; the others are notes. */
const UNDERSTOOD: Readonly<Record<string, RegExp>> = {
  'issue.json': /^Delivery {2}\d+-i\d+/,
  'issue_update_label_added.json': /^Delivery {2}\d+-i\d+/,
  'merge_request.json': /^Delivery {2}\d+-m\d+/,
  'pipeline.json': /^Answered with 200 and ignored: nothing starts from a pipeline that is "success"/,
}

test.skipIf(FILES.length === 0)("GitLab's own examples (skipped without ERRAND_PAYLOADS)", async () => {
  for (const name of FILES) {
    const said = await explain(readFileSync(join(PAYLOADS, name)), '/agent')
    expect(said, name).toMatch(UNDERSTOOD[name] ?? /^Delivery {2}\d+-n\d+/)
  }
})
