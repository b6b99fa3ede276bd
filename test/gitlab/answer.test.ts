import { expect, test } from 'vitest'
import { answerComment } from '../../src/gitlab/answer.ts'
import type { Answer, Saying, Told } from '../../src/tasks/entry.ts'
import { aTask, T0 } from '../tasks/aTask.ts'

const say = (saying: Saying): string | undefined => {
  const answer: Answer = {
    kind: 'answer',
    id: '42-n1337',
    thread: aTask().thread,
    to: aTask().asker,
    saying,
    createdAt: T0,
    done: false,
  }
  return answerComment(answer, { url: 'https://errand.example.com', trigger: '/agent' })
}
const task: Told = { id: '42-n1300', state: 'running', prompt: 'fix `it`\nplease', asker: 'dora' }

test('help', () =>
  expect(say({ say: 'help' })).toMatchInlineSnapshot(`
    "Comment \`/agent <what to do>\` on an issue, and I do it on a branch and open a merge request:

    > \`/agent add a health check at /healthz, with a test\`

    On a merge request the same goes on with its branch. A prompt may have several lines. Orders: \`/agent help\`, \`/agent status\`, \`/agent stop\`.

    <!-- errand:42-n1337 reply -->"
  `))
test('a misspelt order', () =>
  expect(say({ say: 'misspelt', word: 'stpo', nearest: 'stop' })).toMatchInlineSnapshot(`
    "I don't know \`/agent stpo\`. Did you mean \`/agent stop\`?

    Comment \`/agent <what to do>\` on an issue, and I do it on a branch and open a merge request:

    > \`/agent add a health check at /healthz, with a test\`

    On a merge request the same goes on with its branch. A prompt may have several lines. Orders: \`/agent help\`, \`/agent status\`, \`/agent stop\`.

    <!-- errand:42-n1337 reply -->"
  `))
test('too long', () =>
  expect(say({ say: 'too-long', bytes: 300_000, limit: 102_400 })).toMatchInlineSnapshot(`
  "That prompt has 293 KB, and I take up to 100 KB. Put the long part into a file of the repository, and name the file: \`/agent do what docs/plan.md says\`.

  <!-- errand:42-n1337 reply -->"
`))
test('too far down', () =>
  expect(say({ say: 'too-far', limit: 8192 })).toMatchInlineSnapshot(`
  "I look for \`/agent\` in the first 8 KB of a comment only. Put it at the top, and the rest below it.

  <!-- errand:42-n1337 reply -->"
`))
test('an outsider', () =>
  expect(say({ say: 'refused', why: { why: 'not-a-member', needs: 30 } })).toMatchInlineSnapshot(`
  "Sorry, I only work for members of this project with the role Developer or higher. A Maintainer of the project can add you, or ask in your place.

  <!-- errand:42-n1337 reply -->"
`))
test('a reporter', () =>
  expect(say({ say: 'refused', why: { why: 'role', has: 20, needs: 30 } })).toMatchInlineSnapshot(`
  "Sorry, you need the role Developer or higher in this project, and yours is Reporter. A Maintainer of the project can change it, or ask in your place.

  <!-- errand:42-n1337 reply -->"
`))
test('a blocked account', () =>
  expect(say({ say: 'refused', why: { why: 'not-active', state: 'blocked' } })).toMatchInlineSnapshot(`
  "Sorry, your account is \`blocked\` in GitLab, and I only work for active ones. An administrator can change that.

  <!-- errand:42-n1337 reply -->"
`))
test('refused again: a reaction is enough', () => expect(say({ say: 'refused-again' })).toBeUndefined())
test('an empty repository', () =>
  expect(say({ say: 'empty-repository' })).toMatchInlineSnapshot(`
  "The repository is empty, so there is no branch to start from. Push a first commit, then ask again.

  <!-- errand:42-n1337 reply -->"
`))
test('status', () =>
  expect(say({ say: 'status', tasks: [task] })).toMatchInlineSnapshot(`
  "- [42-n1300](https://errand.example.com/tasks/42-n1300) **running**: \`fix 'it' please\`, asked by \`@dora\`

  <!-- errand:42-n1337 reply -->"
`))
test('status of nothing', () =>
  expect(say({ say: 'status', tasks: [] })).toMatchInlineSnapshot(`
  "There is no task here yet. To start one, comment \`/agent <what to do>\`.

  <!-- errand:42-n1337 reply -->"
`))
test('nothing to stop', () =>
  expect(say({ say: 'nothing-to-stop' })).toMatchInlineSnapshot(`
  "Nothing is running here, so there is nothing to stop. \`/agent status\` lists what was asked.

  <!-- errand:42-n1337 reply -->"
`))
test('stop, but which', () =>
  expect(say({ say: 'which', tasks: [task, { ...task, id: '42-n1301' }] })).toMatchInlineSnapshot(`
  "More than one task is running here:

  - [42-n1300](https://errand.example.com/tasks/42-n1300) **running**: \`fix 'it' please\`, asked by \`@dora\`
  - [42-n1301](https://errand.example.com/tasks/42-n1301) **running**: \`fix 'it' please\`, asked by \`@dora\`

  Reply \`/agent stop\` in the thread of the one you mean.

  <!-- errand:42-n1337 reply -->"
`))
test("somebody else's", () =>
  expect(say({ say: 'not-yours', asker: 'dora' })).toMatchInlineSnapshot(`
  "Only \`@dora\`, who asked, or a Maintainer can stop this.

  <!-- errand:42-n1337 reply -->"
`))
