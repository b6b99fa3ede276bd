import { expect, test } from 'vitest'
import { failureWords } from '../../src/gitlab/pageCure.ts'
import { CAUSES } from '../../src/tasks/task.ts'
import { after, aTask } from '../tasks/aTask.ts'

const VOICE = { url: 'https://errand.example.com', trigger: '/agent', budgetMax: 100 }
const PAGE = { thread: { projectId: 42, on: 'page', iid: 0, internal: false }, occasion: 'page', budget: 5 } as const

test('on the page nobody is told to reply to a comment', () => {
  const cures = CAUSES.map((cause) => {
    const task = after(aTask(PAGE), { fact: 'ended', end: { is: 'failed', cause, message: '' } })
    return [cause, failureWords(task, VOICE)?.cure]
  })
  expect(cures.filter(([, cure]) => cure === undefined || /\/agent|reply/.test(cure))).toEqual([])
  expect(Object.fromEntries(cures)).toMatchInlineSnapshot(`
    {
      "agent-error": "Ask again, in smaller steps or with more detail.",
      "budget-spent": "Ask for the rest in a new task, and allow it $10.",
      "clone-failed": "Try it again in a few minutes; if it stays so, show this to your Errand operator.",
      "deadline": "Ask for a smaller part of it in a new task.",
      "disk-full": "Ask your Errand operator for more disk, then try it again.",
      "evicted": "Try it again; if it happens again, show this to your Errand operator.",
      "image": "Show this to your Errand operator, then try it again.",
      "internal-error": "Try it again, and show this to your Errand operator.",
      "lost": "Try it again; if it happens again, show this to your Errand operator.",
      "merge-request-refused": "See GitLab's reason above, and open the merge request from the branch by hand.",
      "model-unavailable": "Try it again in a few minutes; if it speaks of a key or a bill, show this to your Errand operator.",
      "out-of-memory": "Ask for a smaller part of it in a new task, or ask your Errand operator for more memory for this project.",
      "project-gone": "See whether it was moved or archived, or I was removed from it.",
      "push-refused": "See GitLab's reason above (a protected branch, a push rule, somebody else's newer commit), then try it again.",
      "rejected-by-cluster": "Show this to your Errand operator, then try it again.",
      "setup-failed": "Repair it on the default branch (its name and its last lines are above), then try it again.",
      "stuck": "See the end of the log for what it waited for, then try it again.",
      "turns-spent": "To let it go on where it stopped, try it again.",
      "unschedulable": "Try it again when the cluster is less busy; if it stays so, show this to your Errand operator.",
    }
  `)
})

test('what was asked in a comment is allowed more there', () => {
  const end = { is: 'failed', cause: 'budget-spent', message: '' } as const
  const words = failureWords(after(aTask({ budget: 5 }), { fact: 'ended', end }), VOICE)
  expect(words?.cure).toBe('To let it go on where it stopped, reply `/agent budget 10` (US dollars).')
})

test('what nobody waits for any more says why, and what works says nothing', () => {
  const end = { is: 'cancelled', because: 'closed' } as const
  expect(failureWords(after(aTask(), { fact: 'ended', end }), VOICE)?.what).toBe('what it was asked under is closed.')
  expect(failureWords(aTask(), VOICE)).toBeUndefined()
})
