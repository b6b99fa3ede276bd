import { expect, test } from 'vitest'
import { answerComment } from '../../src/gitlab/answer.ts'
import type { BadFlag } from '../../src/tasks/commandFlags.ts'
import type { Answer, Saying, Told } from '../../src/tasks/entry.ts'
import { aTask, T0, THREAD } from '../tasks/aTask.ts'

const say = (saying: Saying): string | undefined => {
  const answer: Answer = {
    kind: 'answer',
    id: '42-n1337',
    thread: THREAD,
    to: aTask().asker,
    saying,
    createdAt: T0,
    done: false,
  }
  return answerComment(answer, { url: 'https://errand.example.com', trigger: '/agent', budgetMax: 100 })
}
const task: Told = { id: '42-n1300', state: 'running', prompt: 'fix `it`\nplease', asker: 'dora' }

/** What is said, without the mark that ends it. */
const words = (saying: Saying): string | undefined => {
  const said = say(saying)
  if (said === undefined) return undefined
  expect(said).toMatch(/\n\n<!-- errand:42-n1337 reply -->$/)
  return said.replace(/\n\n<!-- .*$/, '')
}
/** A table as people read it: what was written, and what is answered. */
const table = (rows: readonly (readonly [written: string, saying: Saying])[]): string =>
  rows.map(([written, saying]) => `${written}\n  ${words(saying)?.replaceAll('\n', '\n  ')}`).join('\n')

test('help', () =>
  expect(words({ say: 'help' })).toMatchInlineSnapshot(`
  "Comment \`/agent <what to do>\` on an issue, and I do it on a branch and open a merge request:

  > \`/agent add a health check at /healthz, with a test\`

  On a merge request the same goes on with its branch, and on a line of its diff I see the line. A prompt may have several lines. Before it, where you want them: \`--model <name>\`, \`--agent <name>\`, \`--branch <where to begin>\`, \`--budget <US dollars>\`, \`--draft\`.

  A reply to me goes on with the work, without any command. Orders:

  - \`/agent plan <what to do>\`: I answer with a plan and change nothing; then \`/agent go\` does it
  - \`/agent status\`: what was asked here, and how far it is
  - \`/agent stop\`: ends it, and saves what there is
  - \`/agent retry\`: once more, on the same branch
  - \`/agent budget 5\`: it may cost 5 US dollars; what stopped at its budget goes on
  - \`/agent model <name>\`: once more, with another model"
`))

test('misspelt orders', () => {
  const orders = ['help', 'status', 'stop', 'retry', 'go', 'plan', 'budget', 'model'] as const
  expect(
    table(orders.map((nearest) => [`${nearest}x`, { say: 'misspelt', word: `${nearest}x`, nearest }])),
  ).toMatchInlineSnapshot(`
    "helpx
      I don't know \`/agent helpx\`. Did you mean \`/agent help\`? If it is what I should do, say it in more than one word. \`/agent help\` lists every order.
    statusx
      I don't know \`/agent statusx\`. Did you mean \`/agent status\`? If it is what I should do, say it in more than one word. \`/agent help\` lists every order.
    stopx
      I don't know \`/agent stopx\`. Did you mean \`/agent stop\`? If it is what I should do, say it in more than one word. \`/agent help\` lists every order.
    retryx
      I don't know \`/agent retryx\`. Did you mean \`/agent retry\`? If it is what I should do, say it in more than one word. \`/agent help\` lists every order.
    gox
      I don't know \`/agent gox\`. Did you mean \`/agent go\`? If it is what I should do, say it in more than one word. \`/agent help\` lists every order.
    planx
      I don't know \`/agent planx\`. Did you mean \`/agent plan <what to do>\`? If it is what I should do, say it in more than one word. \`/agent help\` lists every order.
    budgetx
      I don't know \`/agent budgetx\`. Did you mean \`/agent budget 5\`? If it is what I should do, say it in more than one word. \`/agent help\` lists every order.
    modelx
      I don't know \`/agent modelx\`. Did you mean \`/agent model <name>\`? If it is what I should do, say it in more than one word. \`/agent help\` lists every order."
  `)
})

test('flags', () => {
  const rows: readonly Omit<BadFlag, 'command'>[] = [
    { flag: '--modle', why: 'unknown', nearest: 'model' },
    { flag: '--verbose', why: 'unknown' },
    { flag: '--`@all`', why: 'unknown' },
    { flag: '--model', why: 'no-value' },
    { flag: '--draft', why: 'takes-no-value' },
    { flag: '--budget', why: 'not-a-number', value: 'much' },
    { flag: 'budget', why: 'not-a-number', value: '5€' },
    { flag: '--budget', why: 'too-small', value: '0' },
    { flag: 'budget', why: 'too-large', value: '1000000' },
    { flag: '--agent', why: 'not-a-name', value: '../`x`' },
    { flag: '--model', why: 'not-a-name', value: '$(id)' },
    { flag: '--branch', why: 'not-a-name', value: 'a..b' },
    { flag: '--model', why: 'twice' },
    { flag: '--branch', why: 'not-here' },
  ]
  expect(
    table(rows.map((bad) => [`${bad.flag} ${bad.value ?? ''}`.trim(), { say: 'bad-flag', ...bad }])),
  ).toMatchInlineSnapshot(`
    "--modle
      I don't know \`--modle\`. Did you mean \`--model\`? Nothing was started: comment again.
    --verbose
      I don't know the flag \`--verbose\`; I know \`--agent claude\`, \`--model opus\`, \`--branch main\`, \`--budget 5\`, \`--draft\`. If it is part of what is to be done, write \`--\` before it: \`/agent -- --verbose …\`. Nothing was started: comment again.
    --\`@all\`
      I don't know the flag \`--'@all'\`; I know \`--agent claude\`, \`--model opus\`, \`--branch main\`, \`--budget 5\`, \`--draft\`. If it is part of what is to be done, write \`--\` before it: \`/agent -- --'@all' …\`. Nothing was started: comment again.
    --model
      \`--model\` needs a value behind it: \`--model opus\`. Nothing was started: comment again.
    --draft
      \`--draft\` takes no value: write just \`--draft\`, or leave it out. Nothing was started: comment again.
    --budget much
      \`--budget\` takes a number of US dollars, as in \`--budget 5\`; \`much\` is none. Nothing was started: comment again.
    budget 5€
      \`budget\` takes a number of US dollars, as in \`/agent budget 5\`; \`5€\` is none. Nothing was started: comment again.
    --budget 0
      \`--budget\` takes 0.01 to 10000 US dollars, as in \`--budget 5\`; \`0\` is too little. Nothing was started: comment again.
    budget 1000000
      \`budget\` takes 0.01 to 10000 US dollars, as in \`/agent budget 5\`; \`1000000\` is too much. Nothing was started: comment again.
    --agent ../\`x\`
      \`../'x'\` cannot be the name of an agent. \`--agent\` takes one, as in \`--agent claude\`. Nothing was started: comment again.
    --model $(id)
      \`$(id)\` cannot be the name of a model. \`--model\` takes one, as in \`--model opus\`. Nothing was started: comment again.
    --branch a..b
      \`a..b\` cannot be the name of a branch. \`--branch\` takes one, as in \`--branch main\`. Nothing was started: comment again.
    --model
      \`--model\` stands there twice. Leave one of them out. Nothing was started: comment again.
    --branch
      \`--branch\` does not go with this order: before \`/agent <what to do>\` and \`plan\` every flag does, with \`retry\` and \`go\` all but \`--branch\`. Nothing was started: comment again."
  `)
})

test('orders and flags with nothing behind them', () => {
  const what = ['plan', 'budget', 'model', 'flags'] as const
  expect(table(what.map((one) => [one, { say: 'incomplete', what: one }]))).toMatchInlineSnapshot(`
    "plan
      What should I plan? \`/agent plan <what to do>\`: I answer with a plan and change nothing. Then \`/agent go\` does it.
    budget
      How much may it cost? \`/agent budget 5\` is 5 US dollars.
    model
      Which model? \`/agent model <name>\` tries it once more with that one.
    flags
      What should I do? The flags come first, and what is to be done behind them: \`/agent --draft <what to do>\`."
  `)
})

const ABOUT_TASKS = ['stop', 'retry', 'go', 'budget', 'model'] as const

test('orders about nothing', () =>
  expect(table(ABOUT_TASKS.map((order) => [order, { say: 'nothing-to', order }]))).toMatchInlineSnapshot(`
    "stop
      Nothing is running here, so there is nothing to stop. \`/agent status\` lists what was asked.
    retry
      Nothing was asked here yet, so there is nothing to try again. To ask for something, comment \`/agent <what to do>\`.
    go
      There is no plan here that I could carry out. \`/agent plan <what to do>\` makes one, and \`/agent <what to do>\` does it at once.
    budget
      Nothing was asked here yet that could have a budget. Give it along with the request: \`/agent --budget 5 <what to do>\`.
    model
      Nothing was asked here yet that could have a model. Name it in the request: \`/agent --model <name> <what to do>\`."
  `))

test('orders that come too early or too late', () => {
  const states = ['running', 'succeeded', 'failed'] as const
  const rows = ABOUT_TASKS.flatMap((order) =>
    states.map((state): [string, Saying] => [
      `${order}, of a task that is ${state}`,
      { say: 'not-now', order, task: { ...task, state } },
    ]),
  )
  expect(table(rows)).toMatchInlineSnapshot(`
    "stop, of a task that is running
      [42-n1300](https://errand.example.com/tasks/42-n1300) is being finished and is not open to orders any more. Its answer comes in a moment.
    stop, of a task that is succeeded
      [42-n1300](https://errand.example.com/tasks/42-n1300) is over, so there is nothing to stop. To have its work changed, reply with what you want.
    stop, of a task that is failed
      [42-n1300](https://errand.example.com/tasks/42-n1300) is over, so there is nothing to stop. To have its work changed, reply with what you want.
    retry, of a task that is running
      [42-n1300](https://errand.example.com/tasks/42-n1300) is not over yet. Wait for its answer, or end it with \`/agent stop\`; then \`/agent retry\` tries it again.
    retry, of a task that is succeeded
      [42-n1300](https://errand.example.com/tasks/42-n1300) has worked, so there is nothing to try again. To have more done, comment \`/agent <what to do>\`.
    retry, of a task that is failed
      [42-n1300](https://errand.example.com/tasks/42-n1300) cannot be tried again. To ask anew, comment \`/agent <what to do>\`.
    go, of a task that is running
      [42-n1300](https://errand.example.com/tasks/42-n1300) is not over yet. Wait for its plan, then \`/agent go\` carries it out.
    go, of a task that is succeeded
      [42-n1300](https://errand.example.com/tasks/42-n1300) is no plan that waits for \`/agent go\`. \`/agent plan <what to do>\` makes one, and \`/agent <what to do>\` does it at once.
    go, of a task that is failed
      [42-n1300](https://errand.example.com/tasks/42-n1300) is no plan that waits for \`/agent go\`. \`/agent plan <what to do>\` makes one, and \`/agent <what to do>\` does it at once.
    budget, of a task that is running
      [42-n1300](https://errand.example.com/tasks/42-n1300) is being finished and is not open to orders any more. Its answer comes in a moment.
    budget, of a task that is succeeded
      [42-n1300](https://errand.example.com/tasks/42-n1300) is over, and it did not end for want of a budget. To have more done, comment \`/agent --budget 5 <what to do>\`.
    budget, of a task that is failed
      [42-n1300](https://errand.example.com/tasks/42-n1300) is over, and it did not end for want of a budget. To have more done, comment \`/agent --budget 5 <what to do>\`.
    model, of a task that is running
      [42-n1300](https://errand.example.com/tasks/42-n1300) is not over yet, and a model is chosen at the beginning. End it with \`/agent stop\`; then \`/agent model <name>\` goes on with that one.
    model, of a task that is succeeded
      [42-n1300](https://errand.example.com/tasks/42-n1300) cannot be tried again. To ask anew, comment \`/agent --model <name> <what to do>\`.
    model, of a task that is failed
      [42-n1300](https://errand.example.com/tasks/42-n1300) cannot be tried again. To ask anew, comment \`/agent --model <name> <what to do>\`."
  `)
})

test('an order, but to which', () =>
  expect(
    table(
      ABOUT_TASKS.map((order) => [
        order,
        { say: 'which', order, tasks: [task, { ...task, id: '42-n1301', state: 'failed' }] },
      ]),
    ),
  ).toMatchInlineSnapshot(`
    "stop
      More than one task is running here:
      
      - [42-n1300](https://errand.example.com/tasks/42-n1300) **running**: \`fix 'it' please\`, asked by \`@dora\`
      - [42-n1301](https://errand.example.com/tasks/42-n1301) **failed**: \`fix 'it' please\`, asked by \`@dora\`
      
      Reply \`/agent stop\` in the thread of the one you mean.
    retry
      I was asked for more than one thing here:
      
      - [42-n1300](https://errand.example.com/tasks/42-n1300) **running**: \`fix 'it' please\`, asked by \`@dora\`
      - [42-n1301](https://errand.example.com/tasks/42-n1301) **failed**: \`fix 'it' please\`, asked by \`@dora\`
      
      Reply \`/agent retry\` in the thread of the one you mean.
    go
      I was asked for more than one thing here:
      
      - [42-n1300](https://errand.example.com/tasks/42-n1300) **running**: \`fix 'it' please\`, asked by \`@dora\`
      - [42-n1301](https://errand.example.com/tasks/42-n1301) **failed**: \`fix 'it' please\`, asked by \`@dora\`
      
      Reply \`/agent go\` in the thread of the one you mean.
    budget
      More than one task is running here:
      
      - [42-n1300](https://errand.example.com/tasks/42-n1300) **running**: \`fix 'it' please\`, asked by \`@dora\`
      - [42-n1301](https://errand.example.com/tasks/42-n1301) **failed**: \`fix 'it' please\`, asked by \`@dora\`
      
      Reply \`/agent budget 5\` in the thread of the one you mean.
    model
      I was asked for more than one thing here:
      
      - [42-n1300](https://errand.example.com/tasks/42-n1300) **running**: \`fix 'it' please\`, asked by \`@dora\`
      - [42-n1301](https://errand.example.com/tasks/42-n1301) **failed**: \`fix 'it' please\`, asked by \`@dora\`
      
      Reply \`/agent model <name>\` in the thread of the one you mean."
  `))

test('a wish that cannot be met here', () =>
  expect(
    table([
      ['too much money', { say: 'over-budget', asked: 500, most: 100 }],
      ['an agent that there is not', { say: 'no-agent', agent: 'codex', agents: ['claude'] }],
      ['one of several that there is not', { say: 'no-agent', agent: '`x`', agents: ['claude', 'codex'] }],
    ]),
  ).toMatchInlineSnapshot(`
    "too much money
      $500.00 is more than a task may cost here: up to $100.00. Say \`/agent budget 100\`, ask for less at a time, or ask your Errand operator for more.
    an agent that there is not
      There is no agent \`codex\` here. Say \`--agent claude\`, or leave the flag out.
    one of several that there is not
      There is no agent \`'x'\` here. Say \`--agent claude\`, \`--agent codex\`, or leave the flag out."
  `))

test('limits of a comment', () =>
  expect(
    table([
      ['a long prompt', { say: 'too-long', bytes: 300_000, limit: 102_400 }],
      ['a command far down', { say: 'too-far', limit: 8192 }],
    ]),
  ).toMatchInlineSnapshot(`
    "a long prompt
      That prompt has 293 KB, and I take up to 100 KB. Put the long part into a file of the repository, and name the file: \`/agent do what docs/plan.md says\`.
    a command far down
      I look for \`/agent\` in the first 8 KB of a comment only. Put it at the top, and the rest below it."
  `))

test('refusals', () =>
  expect(
    table([
      ['an outsider', { say: 'refused', why: { why: 'not-a-member', needs: 30 } }],
      ['a reporter', { say: 'refused', why: { why: 'role', has: 20, needs: 30 } }],
      ['a blocked account', { say: 'refused', why: { why: 'not-active', state: 'blocked' } }],
      ['not on the list', { say: 'refused', why: { why: 'not-listed' } }],
      ["somebody else's task", { say: 'not-yours', asker: 'dora' }],
    ]),
  ).toMatchInlineSnapshot(`
    "an outsider
      Sorry, I only work for members of this project with the role Developer or higher. A Maintainer of the project can add you, or ask in your place.
    a reporter
      Sorry, you need the role Developer or higher in this project, and yours is Reporter. A Maintainer of the project can change it, or ask in your place.
    a blocked account
      Sorry, your account is \`blocked\` in GitLab, and I only work for active ones. An administrator can change that.
    not on the list
      Sorry, \`.gitlab/agent.yml\` of this project says who may ask, and you are not among them. A Maintainer of the project can add you there, or ask in your place.
    somebody else's task
      Only \`@dora\`, who asked, or a Maintainer can stop this."
  `))

test('refused again: a reaction is enough', () =>
  expect(say({ say: 'refused-again', why: { why: 'not-listed' } })).toBeUndefined())

test('before it begins', () =>
  expect(
    table([
      ['an empty repository', { say: 'empty-repository' }],
      ['a confidential issue of a public project', { say: 'ask-first', wish: { prompt: 'fix it', mode: 'do' } }],
      ['a comment that was edited', { say: 'edited-into' }],
    ]),
  ).toMatchInlineSnapshot(`
    "an empty repository
      The repository is empty, so there is no branch to start from. Push a first commit, then ask again.
    a confidential issue of a public project
      More people can read this project than this discussion, and what I push they can read too. So I have not begun. Reply \`/agent go\` here to begin all the same: the branch, the commit messages and the title of the merge request will say nothing of what was asked; the change itself can be seen.
    a comment that was edited
      I do not act on a comment that became a command by an edit, or that somebody else has edited. Write it as a new comment, and I begin."
  `))

test('status', () =>
  expect(
    table([
      ['two tasks', { say: 'status', tasks: [task, { ...task, id: '42-n1301', prompt: 'x'.repeat(100) }] }],
      ['none', { say: 'status', tasks: [] }],
    ]),
  ).toMatchInlineSnapshot(`
    "two tasks
      - [42-n1300](https://errand.example.com/tasks/42-n1300) **running**: \`fix 'it' please\`, asked by \`@dora\`
      - [42-n1301](https://errand.example.com/tasks/42-n1301) **running**: \`xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…\`, asked by \`@dora\`
    none
      There is no task here yet. To start one, comment \`/agent <what to do>\`."
  `))

test('pipelines', () => {
  const pipeline = { id: 5150, url: 'https://gitlab.example.com/demo/shop/-/pipelines/5150', jobs: ['lint', 'test`s'] }
  const many = { ...pipeline, jobs: ['a', 'b', 'c', 'd', 'e', 'f', 'g'] }
  expect(
    table([
      ['the base fails too', { say: 'pipeline-is-the-bases', pipeline, base: 'main' }],
      ['given up', { say: 'pipeline-given-up', pipeline: many, tries: 2 }],
      ['given up at once', { say: 'pipeline-given-up', pipeline, tries: 1 }],
    ]),
  ).toMatchInlineSnapshot(`
    "the base fails too
      Pipeline [#5150](https://gitlab.example.com/demo/shop/-/pipelines/5150) failed in \`lint\`, \`test's\`. The same fails on \`main\`, so it does not come from this change, and I leave it. To have it repaired all the same, reply with that.
    given up
      Pipeline [#5150](https://gitlab.example.com/demo/shop/-/pipelines/5150) failed in \`a\`, \`b\`, \`c\`, \`d\`, \`e\` and 2 more. I have tried to repair it 2 times, and stop here. Reply with what I should try, or look at the log of the pipeline yourself.
    given up at once
      Pipeline [#5150](https://gitlab.example.com/demo/shop/-/pipelines/5150) failed in \`lint\`, \`test's\`. I have tried to repair it once, and stop here. Reply with what I should try, or look at the log of the pipeline yourself."
  `)
})
