/** Every text about a task, read as the person reads it who gets it. */

import { expect, test } from 'vitest'
import { mergeRequestText } from '../../src/gitlab/mergeRequestText.ts'
import { replyComment, threadComment } from '../../src/gitlab/replyComment.ts'
import { statusComment } from '../../src/gitlab/statusComment.ts'
import { duration } from '../../src/gitlab/voice.ts'
import { CAUSES, type End, type Outcome, type Shows, type Task } from '../../src/tasks/task.ts'
import { after, aTask, PUSHED, T0 } from '../tasks/aTask.ts'

const VOICE = { url: 'https://errand.example.com', trigger: '/agent', budgetMax: 100 }
const NOW = T0 + 64_000
const OUTCOME: Outcome = {
  result: 'pushed',
  pushed: PUSHED,
  title: 'Fix the typo in the README',
  answer: 'I corrected "teh" to "the" and ran the tests: all pass.',
  usage: { turns: 12, costUsd: 0.1519 },
  warnings: [],
}
const running = after(aTask(), { fact: 'attempt', number: 1 }, { fact: 'running', attempt: 1, since: T0 })
const ended = (end: End): Task => after(running, { fact: 'ended', end })
const opened = (outcome = OUTCOME): Task =>
  after(ended({ is: 'succeeded', outcome }), {
    fact: 'merge-request',
    iid: 12,
    url: 'https://gitlab.example.com/demo/shop/-/merge_requests/12',
  })
const over = (task: Task): Task => after(task, { fact: 'replied', note: 1 }, { fact: 'finished' })
const status = (task: Task, shows: Shows = {}): string => statusComment(task, shows, NOW, VOICE)
const reply = (task: Task): string => replyComment(task, NOW, VOICE)

test('queued', () =>
  expect(status(aTask())).toMatchInlineSnapshot(`
  "⏳ **Queued.** It starts in a moment.

  [Details](https://errand.example.com/tasks/42-n1337) · to stop it, reply \`/agent stop\`

  <!-- errand:42-n1337 status -->"
`))
test('queued, and why', () => {
  const shows: Shows[] = [
    { waits: { limit: 'branch', place: 1 } },
    { waits: { limit: 'branch', place: 2 } },
    { waits: { limit: 'project', place: 1 } },
    { waits: { limit: 'person', place: 2, expects: 200_000 } },
    { waits: { limit: 'all', place: 3 } },
  ]
  expect(shows.map((why) => status(aTask(), why).split('\n')[0]).join('\n')).toMatchInlineSnapshot(`
    "⏳ **Queued.** A task on the same branch comes first.
    ⏳ **Queued.** 2 tasks on the same branch come first.
    ⏳ **Queued.** This project has as many tasks running as it may; this one is number 1 in the line.
    ⏳ **Queued.** You have as many tasks running as you may; this one is number 2 in the line. Likely in about 4 min.
    ⏳ **Queued.** Every place to run is taken; this one is number 3 in the line."
  `)
})
test('starting', () =>
  expect(status(after(aTask(), { fact: 'attempt', number: 1 }))).toMatchInlineSnapshot(`
  "🚀 **Starting.**

  [Details](https://errand.example.com/tasks/42-n1337) · to stop it, reply \`/agent stop\`

  <!-- errand:42-n1337 status -->"
`))
test('starting again', () => {
  const again = after(running, { fact: 'attempt', number: 2 })
  expect(status(again)).toMatchInlineSnapshot(`
    "🚀 **Starting.** Attempt 2: the one before was lost with its machine.

    [Details](https://errand.example.com/tasks/42-n1337) · to stop it, reply \`/agent stop\`

    <!-- errand:42-n1337 status -->"
  `)
})
test('running', () =>
  expect(status(running, { line: 'reads src/a.ts' })).toMatchInlineSnapshot(`
  "🛠️ **Working on it** (1 min 4 s): reads src/a.ts

  [Details](https://errand.example.com/tasks/42-n1337) · to stop it, reply \`/agent stop\`

  <!-- errand:42-n1337 status -->"
`))
test('running, with text left out that nobody sees', () =>
  expect(status(running, { line: 'reads src/a.ts', hidden: 312 })).toMatchInlineSnapshot(`
    "🛠️ **Working on it** (1 min 4 s): reads src/a.ts

    🙈 312 hidden characters (HTML comments, texts of pictures, invisible ones) were left out of what the agent read.

    [Details](https://errand.example.com/tasks/42-n1337) · to stop it, reply \`/agent stop\`

    <!-- errand:42-n1337 status -->"
  `))
test('over, with text left out that nobody sees', () => {
  const texts = [
    over(opened()),
    over(ended({ is: 'failed', cause: 'stuck', message: '' })),
    over(ended({ is: 'cancelled', by: 'dora' })),
  ].map((task) => status(task, { hidden: 1 }))
  expect(texts.join('\n')).toMatchInlineSnapshot(`
    "✅ **Done** in 2 s: [!12](https://gitlab.example.com/demo/shop/-/merge_requests/12). The answer is below.

    🙈 1 hidden character (HTML comments, texts of pictures, invisible ones) was left out of what the agent read.

    <!-- errand:42-n1337 status -->
    ❌ **Failed** after 2 s. Why, and what to do, is below.

    🙈 1 hidden character (HTML comments, texts of pictures, invisible ones) was left out of what the agent read.

    <!-- errand:42-n1337 status -->
    ⏹️ **Stopped** after 2 s.

    🙈 1 hidden character (HTML comments, texts of pictures, invisible ones) was left out of what the agent read.

    <!-- errand:42-n1337 status -->"
  `)
})
test('stopping', () =>
  expect(status(running, { stopping: true })).toMatchInlineSnapshot(`
  "⏹️ **Stopping.** What there is will be saved on \`agent/42-n1337\`.

  <!-- errand:42-n1337 status -->"
`))
test('done', () =>
  expect(status(over(opened()))).toMatchInlineSnapshot(`
  "✅ **Done** in 2 s: [!12](https://gitlab.example.com/demo/shop/-/merge_requests/12). The answer is below.

  <!-- errand:42-n1337 status -->"
`))
test('done, nothing changed', () => {
  expect(
    status(over(ended({ is: 'succeeded', outcome: { result: 'unchanged', warnings: [] } }))),
  ).toMatchInlineSnapshot(`
    "✅ **Done** in 2 s, nothing was changed. The answer is below.

    <!-- errand:42-n1337 status -->"
  `)
})
test('failed', () => {
  expect(status(over(ended({ is: 'failed', cause: 'stuck', message: '' })))).toMatchInlineSnapshot(`
    "❌ **Failed** after 2 s. Why, and what to do, is below.

    <!-- errand:42-n1337 status -->"
  `)
})
test('stopped', () =>
  expect(status(over(ended({ is: 'cancelled', by: 'dora' })))).toMatchInlineSnapshot(`
  "⏹️ **Stopped** after 2 s.

  <!-- errand:42-n1337 status -->"
`))

test('the reply with a merge request', () =>
  expect(reply(opened())).toMatchInlineSnapshot(`
    "✅ **[!12](https://gitlab.example.com/demo/shop/-/merge_requests/12) is ready for review**, from \`agent/42-n1337\`.

    I corrected "teh" to "the" and ran the tests: all pass.

    2 files: \`README.md\` +1 −1, \`src/a.ts\` +9 −0. Took 1 min 4 s, 12 turns, $0.15.

    **Next:** review [!12](https://gitlab.example.com/demo/shop/-/merge_requests/12). To have more done, comment \`/agent <what>\` there, or review it: every thread that you open is answered, on the same branch.

    <!-- errand:42-n1337 reply -->"
  `))
test('the reply after work on a merge request', () => {
  const thread = { ...running.thread, on: 'merge_request', iid: 12 } as const
  expect(
    reply({ ...opened({ ...OUTCOME, pushed: { ...PUSHED, branch: 'feature' } }), thread, branch: 'feature' }),
  ).toMatchInlineSnapshot(`
    "✅ **Pushed to \`feature\`.**

    I corrected "teh" to "the" and ran the tests: all pass.

    2 files: \`README.md\` +1 −1, \`src/a.ts\` +9 −0. Took 1 min 4 s, 12 turns, $0.15.

    **Next:** review [!12](https://gitlab.example.com/demo/shop/-/merge_requests/12). To have more done, comment \`/agent <what>\` there, or review it: every thread that you open is answered, on the same branch.

    <!-- errand:42-n1337 reply -->"
  `)
})
test('the reply with a warning', () => {
  expect(
    reply(opened({ ...OUTCOME, usage: undefined, warnings: ['There are conflict markers in a.ts.'] })),
  ).toMatchInlineSnapshot(`
    "✅ **[!12](https://gitlab.example.com/demo/shop/-/merge_requests/12) is ready for review**, from \`agent/42-n1337\`.

    I corrected "teh" to "the" and ran the tests: all pass.

    ⚠️ There are conflict markers in a.ts.

    2 files: \`README.md\` +1 −1, \`src/a.ts\` +9 −0. Took 1 min 4 s.

    **Next:** review [!12](https://gitlab.example.com/demo/shop/-/merge_requests/12). To have more done, comment \`/agent <what>\` there, or review it: every thread that you open is answered, on the same branch.

    <!-- errand:42-n1337 reply -->"
  `)
})
test('the reply to a question', () => {
  expect(
    reply(ended({ is: 'succeeded', outcome: { result: 'unchanged', answer: 'It is in src/a.ts.', warnings: [] } })),
  ).toMatchInlineSnapshot(`
    "It is in src/a.ts.

    Took 1 min 4 s. Nothing was changed.

    <!-- errand:42-n1337 reply -->"
  `)
})
test('the reply to a failure, with the work that was saved', () => {
  const end: End = {
    is: 'failed',
    cause: 'setup-failed',
    message: 'npm ERR! 404\n```\nexit 1',
    outcome: { ...OUTCOME, result: 'failed' },
  }
  expect(reply(ended(end))).toMatchInlineSnapshot(`
    "❌ **This did not work: the set-up script failed.**

    \`\`\`\`text
    npm ERR! 404
    \`\`\`
    exit 1
    \`\`\`\`

    The work so far is on \`agent/42-n1337\`, commit c0ffee00.

    Took 1 min 4 s, 12 turns, $0.15.

    **Next:** repair it on the default branch (its name and its last lines are above), then reply \`/agent retry\`. [Log](https://errand.example.com/tasks/42-n1337)

    <!-- errand:42-n1337 reply -->"
  `)
})
test('the reply to a stop', () => {
  expect(
    reply(ended({ is: 'cancelled', by: 'dora', outcome: { ...OUTCOME, result: 'interrupted' } })),
  ).toMatchInlineSnapshot(`
    "⏹️ **Stopped**, as \`@dora\` asked.

    The work so far is on \`agent/42-n1337\`, commit c0ffee00.

    **Next:** to go on from here, reply with what should be different, or \`/agent retry\`.

    <!-- errand:42-n1337 reply -->"
  `)
})
test('the reply to an early stop', () =>
  expect(reply(ended({ is: 'cancelled', by: 'dora' }))).toMatchInlineSnapshot(`
    "⏹️ **Stopped**, as \`@dora\` asked.

    Nothing was pushed.

    **Next:** to go on from here, reply with what should be different, or \`/agent retry\`.

    <!-- errand:42-n1337 reply -->"
  `))

test('every cause has a sentence and a cure', () => {
  const texts = CAUSES.map((cause) => reply(ended({ is: 'failed', cause, message: '' })).split('\n\n<!--')[0])
  expect(texts.join('\n----\n')).toMatchInlineSnapshot(`
    "❌ **This did not work: the agent ended with an error.**

    **Next:** ask again with \`/agent …\`, in smaller steps or with more detail. [Log](https://errand.example.com/tasks/42-n1337)
    ----
    ❌ **This did not work: the set-up script failed.**

    **Next:** repair it on the default branch (its name and its last lines are above), then reply \`/agent retry\`. [Log](https://errand.example.com/tasks/42-n1337)
    ----
    ❌ **This did not work: the repository could not be cloned.**

    **Next:** reply \`/agent retry\` in a few minutes; if it stays so, show this to your Errand operator. [Log](https://errand.example.com/tasks/42-n1337)
    ----
    ❌ **This did not work: GitLab did not take the push.**

    **Next:** see GitLab's reason above (a protected branch, a push rule, somebody else's newer commit), then reply \`/agent retry\`. [Log](https://errand.example.com/tasks/42-n1337)
    ----
    ❌ **This did not work: it ran into its time limit.**

    **Next:** ask for a smaller part of it with \`/agent …\`. [Log](https://errand.example.com/tasks/42-n1337)
    ----
    ❌ **This did not work: the agent said nothing for too long and was stopped.**

    **Next:** see the end of the log for what it waited for, then reply \`/agent retry\`. [Log](https://errand.example.com/tasks/42-n1337)
    ----
    ⏸️ **Paused: its budget is spent.**

    **Next:** to let it go on where it stopped, reply \`/agent budget 0\` (US dollars). [Log](https://errand.example.com/tasks/42-n1337)
    ----
    ⏸️ **Paused: the agent used up its turns.**

    **Next:** to let it go on where it stopped, reply \`/agent retry\`. [Log](https://errand.example.com/tasks/42-n1337)
    ----
    ❌ **This did not work: the model could not be used.**

    **Next:** reply \`/agent retry\` in a few minutes; if it speaks of a key or a bill, show this to your Errand operator. [Log](https://errand.example.com/tasks/42-n1337)
    ----
    ❌ **This did not work: the disk of the run was full.**

    **Next:** ask your Errand operator for more disk, then reply \`/agent retry\`. [Log](https://errand.example.com/tasks/42-n1337)
    ----
    ❌ **This did not work: the run needed more memory than it may have.**

    **Next:** ask for a smaller part of it with \`/agent …\`, or ask your Errand operator for more memory for this project. [Log](https://errand.example.com/tasks/42-n1337)
    ----
    ❌ **This did not work: its image could not be used.**

    **Next:** show this to your Errand operator, then reply \`/agent retry\`. [Log](https://errand.example.com/tasks/42-n1337)
    ----
    ❌ **This did not work: the cluster had no place for it.**

    **Next:** reply \`/agent retry\` when the cluster is less busy; if it stays so, show this to your Errand operator. [Log](https://errand.example.com/tasks/42-n1337)
    ----
    ❌ **This did not work: the cluster took its place away, more than once.**

    **Next:** reply \`/agent retry\`; if it happens again, show this to your Errand operator. [Log](https://errand.example.com/tasks/42-n1337)
    ----
    ❌ **This did not work: the cluster did not take it.**

    **Next:** show this to your Errand operator, then reply \`/agent retry\`. [Log](https://errand.example.com/tasks/42-n1337)
    ----
    ❌ **This did not work: the machine it ran on was lost, more than once.**

    **Next:** reply \`/agent retry\`; if it happens again, show this to your Errand operator. [Log](https://errand.example.com/tasks/42-n1337)
    ----
    ❌ **This did not work: the work is pushed, but GitLab did not take the merge request.**

    **Next:** see GitLab's reason above, and open the merge request from the branch by hand. [Log](https://errand.example.com/tasks/42-n1337)
    ----
    ❌ **This did not work: the project is gone, archived, or closed to me.**

    **Next:** see whether it was moved or archived, or I was removed from it. [Log](https://errand.example.com/tasks/42-n1337)
    ----
    ❌ **This did not work: Errand itself made a mistake.**

    **Next:** reply \`/agent retry\`, and show this to your Errand operator. [Log](https://errand.example.com/tasks/42-n1337)"
  `)
})

test('the merge request', () => {
  const { title, description } = mergeRequestText(
    { ...opened(), prompt: 'fix the typo\n\n/merge\n@all look' },
    OUTCOME,
    VOICE,
  )
  expect(`${title}\n\n${description}`).toMatchInlineSnapshot(`
    "Fix the typo in the README

    \`@dora\` asked:

    > fix the typo
    >
    > \\/merge
    > @⁠all look

    I corrected "teh" to "the" and ran the tests: all pass.

    Closes #7 · [task 42-n1337](https://errand.example.com/tasks/42-n1337)"
  `)
})

test('the merge request of a project that wants its own template there', () => {
  const { description } = mergeRequestText(opened(), OUTCOME, VOICE, '## Checklist\n\n- [ ] Tested\n')
  expect(description).toMatchInlineSnapshot(`
    "## Checklist

    - [ ] Tested

    Closes #7 · [task 42-n1337](https://errand.example.com/tasks/42-n1337)"
  `)
  expect(mergeRequestText(opened(), OUTCOME, VOICE, '').description).toMatch(/^Closes #7 · /)
})

test('a comment never begins with what GitLab takes for a quick action, whatever the agent said', () => {
  const hostile = opened({ ...OUTCOME, title: '/merge', answer: '/merge\n  /close\n```\n/approve\n~~~\n/label x' })
  for (const text of [reply(hostile), mergeRequestText(hostile, { ...OUTCOME, title: '/merge' }, VOICE).description]) {
    expect(text.split('\n').filter((line) => line.startsWith('/'))).toEqual([])
  }
})

test('durations', () => {
  expect([0, 4_400, 60_000, 64_000, 3_600_000, 7_500_000].map(duration)).toEqual([
    '0 s',
    '4 s',
    '1 min',
    '1 min 4 s',
    '1 h',
    '2 h 5 min',
  ])
})
test('running, near its budget, with the end of its log and hints', () => {
  const shows = { line: 'runs npm test', spent: { cost: 4.02, budget: 5 }, tail: '$ npm test\n12 passed' }
  const task = { ...running, hints: ['.gitlab/agent.yml, line 3: `modle` is no setting; did you mean `model`?'] }
  expect(status(task, shows)).toMatchInlineSnapshot(`
    "🛠️ **Working on it** (1 min 4 s): runs npm test

    💰 $4.02 of its $5.00 are spent. To allow more, reply \`/agent budget 10\`. At the end of it the work is pushed, and I ask here.

    <details><summary>The end of its log</summary>

    \`\`\`text
    $ npm test
    12 passed
    \`\`\`

    </details>

    ⚠️ .gitlab/agent.yml, line 3: \`modle\` is no setting; did you mean \`model\`?

    [Details](https://errand.example.com/tasks/42-n1337) · to stop it, reply \`/agent stop\`

    <!-- errand:42-n1337 status -->"
  `)
})
test('nobody waits for it any more', () => {
  const task = ended({ is: 'cancelled', because: 'closed' })
  expect(status(over(task))).toMatchInlineSnapshot(`
    "⏹️ **Not begun:** what it was asked under is closed.

    <!-- errand:42-n1337 status -->"
  `)
  expect(reply(task)).toMatchInlineSnapshot(`
    "⏹️ **Not begun:** what it was asked under is closed.

    **Next:** to ask again, comment \`/agent <what>\`.

    <!-- errand:42-n1337 reply -->"
  `)
})
test('a plan', () => {
  const outcome: Outcome = { result: 'unchanged', answer: '1. Look\n2. Leap', warnings: [] }
  expect(reply({ ...ended({ is: 'succeeded', outcome }), mode: 'plan' })).toMatchInlineSnapshot(`
    "📋 **The plan:**

    1. Look
    2. Leap

    Took 1 min 4 s.

    **Next:** to have it done, reply \`/agent go\`. To change it, reply with what should be different.

    <!-- errand:42-n1337 reply -->"
  `)
})
test('the budget is spent: what to say next, and where there is no more to be had', () => {
  const outcome: Outcome = { result: 'failed', pushed: PUSHED, usage: { turns: 40, costUsd: 5.02 }, warnings: [] }
  const spent = ended({ is: 'failed', cause: 'budget-spent', message: 'The budget of $5.00 is spent.', outcome })
  expect(reply({ ...spent, budget: 5 })).toMatchInlineSnapshot(`
    "⏸️ **Paused: its budget of $5.00 is spent.**

    The work so far is on \`agent/42-n1337\`, commit c0ffee00.

    Took 1 min 4 s, 40 turns, $5.02.

    **Next:** to let it go on where it stopped, reply \`/agent budget 10\` (US dollars). [Log](https://errand.example.com/tasks/42-n1337)

    <!-- errand:42-n1337 reply -->"
  `)
  expect(
    reply({ ...spent, budget: 100 })
      .split('\n')
      .find((line) => line.includes('Next')),
  ).toMatchInlineSnapshot(
    `"**Next:** that is all it may cost here. Ask for the rest with \`/agent …\`, in smaller steps, or ask your Errand operator for more. [Log](https://errand.example.com/tasks/42-n1337)"`,
  )
})
test('a rewritten branch is named with what was there before', () => {
  const text = replyComment(opened(), NOW, VOICE, { rewrote: ['c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00'] })
  expect(text.split('\n').find((line) => line.includes('rewritten'))).toMatchInlineSnapshot(
    `"⚠️ The branch was rewritten. What was there before is commit c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00: \`git fetch origin c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00\` brings it back."`,
  )
})

const REMARK = { note: 7, discussion: 'd8', by: running.asker, text: 'Say why.' }
const inThread = (task: Task, said?: { addressed: boolean; text: string }): string =>
  threadComment(task, [REMARK], said, 'https://gitlab.example.com/demo/shop/-/merge_requests/12#note_9', '/agent')
test('the answers in the threads of a follow-up', () => {
  const texts = [
    inThread(opened(), { addressed: true, text: 'I said why, in the comment above.' }),
    inThread(opened(), { addressed: false, text: 'It is said in the README already.' }),
    inThread(opened()),
    inThread(ended({ is: 'failed', cause: 'agent-error', message: '' })),
    inThread(ended({ is: 'cancelled', by: 'dora' })),
  ]
  expect(texts.join('\n----\n')).toMatchInlineSnapshot(`
    "✅ I said why, in the comment above.

    In c0ffee00.

    <!-- errand:42-n1337 reply 7 -->
    ----
    🤔 It is said in the README already.

    <!-- errand:42-n1337 reply 7 -->
    ----
    I have no separate answer to this; see [the whole answer](https://gitlab.example.com/demo/shop/-/merge_requests/12#note_9). In c0ffee00.

    <!-- errand:42-n1337 reply 7 -->
    ----
    ❌ Not done: the agent ended with an error. See [the whole answer](https://gitlab.example.com/demo/shop/-/merge_requests/12#note_9).

    <!-- errand:42-n1337 reply 7 -->
    ----
    ⏹️ Stopped before this was done. See [the whole answer](https://gitlab.example.com/demo/shop/-/merge_requests/12#note_9); \`/agent retry\` there goes on.

    <!-- errand:42-n1337 reply 7 -->"
  `)
})
test('discreet: nothing of the request stands in the merge request', () => {
  expect(mergeRequestText({ ...opened(), discreet: true }, OUTCOME, VOICE)).toMatchInlineSnapshot(`
    {
      "description": "This is [task 42-n1337](https://errand.example.com/tasks/42-n1337).",
      "title": "Task 42-n1337",
    }
  `)
})
