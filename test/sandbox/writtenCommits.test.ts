import { expect, test } from 'vitest'
import { hooked } from './hookReceiver.ts'
import { startedSandbox } from './startedSandbox.ts'

const repository = '/projects/1/repository'
const raw = (path: string, ref: string) => `${repository}/files/${encodeURIComponent(path)}/raw?ref=${ref}`

test('several files in one commit, with its push hook', async () => {
  const { ask } = await startedSandbox()
  const receiver = await hooked(ask, { push_events: true })
  const made = await ask('developer', 'POST', `${repository}/commits`, {
    branch: 'work',
    start_branch: 'main',
    commit_message: 'Settings\n\nfor the agent',
    actions: [
      { action: 'create', file_path: '.gitlab/agent.yml', content: 'agent: claude\n' },
      {
        action: 'create',
        file_path: 'a "quoted" ü.md',
        content: Buffer.from('hi\n').toString('base64'),
        encoding: 'base64',
      },
      { action: 'update', file_path: 'README.md', content: 'Other\n' },
      { action: 'delete', file_path: 'CLAUDE.md' },
    ],
  })
  expect([made.status, made.body]).toMatchObject([
    201,
    { title: 'Settings', message: 'Settings\n\nfor the agent', author_name: 'Dev Developer' },
  ])
  expect((await ask('nobody', 'GET', raw('.gitlab/agent.yml', 'work'))).text).toBe('agent: claude\n')
  expect((await ask('nobody', 'GET', raw('a "quoted" ü.md', 'work'))).text).toBe('hi\n')
  expect((await ask('nobody', 'GET', raw('README.md', 'work'))).text).toBe('Other\n')
  expect((await ask('nobody', 'GET', raw('CLAUDE.md', 'work'))).status).toBe(404)
  expect((await receiver.wait(1))[0]?.payload).toMatchObject({ ref: 'refs/heads/work', total_commits_count: 1 })
})

test('one file is made, changed and deleted on the default branch by who may', async () => {
  const { ask } = await startedSandbox()
  const path = `${repository}/files/.gitlab%2Fagent.yml`
  const fields = { branch: 'main', commit_message: 'Agent', content: 'agent: codex\n' }
  const refused = await ask('developer', 'POST', path, fields)
  expect([refused.status, refused.body]).toEqual([403, { message: 'You are not allowed to push into this branch' }])
  const made = await ask('maintainer', 'POST', path, fields)
  expect([made.status, made.body]).toEqual([201, { file_path: '.gitlab/agent.yml', branch: 'main' }])
  expect((await ask('maintainer', 'POST', path, fields)).body).toEqual({
    message: 'A file with this name already exists',
  })
  expect((await ask('maintainer', 'PUT', path, { ...fields, content: 'agent: custom\n' })).status).toBe(200)
  expect((await ask('nobody', 'GET', raw('.gitlab/agent.yml', 'main'))).text).toBe('agent: custom\n')
  expect((await ask('maintainer', 'DELETE', path, fields)).status).toBe(204)
  expect((await ask('maintainer', 'PUT', path, fields)).body).toEqual({
    message: "A file with this name doesn't exist",
  })
  expect((await ask('maintainer', 'POST', path, { ...fields, branch: 'none' })).body).toEqual({
    message: 'You can only create or edit files when you are on a branch',
  })
})
