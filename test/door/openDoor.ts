import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Writable } from 'node:stream'
import { type Outcome, PROTOCOL, type Request } from '../../runtime/protocol.ts'
import { type DoorNeeds, doorApp } from '../../src/door/app.ts'
import { sign } from '../../src/door/credential.ts'
import type { Use } from '../../src/door/modelAccount.ts'
import type { Pushed } from '../../src/door/push.ts'
import { createLogger } from '../../src/log.ts'

export const KEY = 'k'.repeat(32)
export const TASK = '42-n1337'
export const BRANCH = `agent/${TASK}`

export const REQUEST: Request = {
  protocol: PROTOCOL,
  task: TASK,
  attempt: 2,
  project: 'demo/shop',
  branch: BRANCH,
  base: 'main',
  defaultBranch: 'main',
  prompt: 'Fix the typo in the README.',
  subject: 'Fix the typo',
  agent: { name: 'rehearsal' },
  mode: 'do',
  session: false,
  discreet: false,
  steeredBy: 'branch',
  clone: { filter: 'blob:none' },
  tools: [],
  repositoryTools: false,
  gitlab: 'https://gitlab.example.com',
  author: { name: 'Errand', email: 'errand@example.com' },
  trailers: [`Errand-Task: ${TASK}`],
  limits: { clone: 60, setup: 60, agent: 60, stuck: 60, push: 60 },
}

/** A server on a free port of this machine, ended with the scope it is used in. */
export async function listen(app: RequestListener): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer({ requestTimeout: 0 }, app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

/** A door whose task 42-n1337 is in its second attempt; 42-n1 is not known. What it leaves with others is noted. */
export async function openDoor(needs: Partial<DoorNeeds> = {}) {
  const logged: Record<string, unknown>[] = []
  const lines = new Writable({
    write: (line, _, done) => {
      logged.push(JSON.parse(String(line)))
      done()
    },
  })
  const pushes: Pushed[] = []
  const activities: string[] = []
  const phases: (string | undefined)[] = []
  const outcomes: Outcome[] = []
  const uses: Use[] = []
  const masks: string[] = []
  let url = ''
  const server = await listen(
    doorApp({
      key: KEY,
      get doorUrl() {
        return url
      },
      standing: async (task, attempt) =>
        task === '42-n1' ? 'unknown' : task === TASK && attempt === 2 ? 'current' : 'over',
      request: async () => REQUEST,
      repository: async () => {
        throw new Error('this test has no repository')
      },
      toolServers: new Map(),
      mayUse: async () => true,
      mayRead: async () => true,
      repositoryOf: async () => 'this test has no other repository',
      mayPush: async () => true,
      pushed: async (_, __, push) => void pushes.push(push),
      rewritten: async () => false,
      model: {},
      models: { prices: {} },
      counted: () => {},
      limitsOf: async () => ({ turns: 1000, budget: 1000 }),
      spending: {
        of: async () => ({ turns: 0, inputTokens: 0, outputTokens: 0, costUsd: 0 }),
        add: async (_, use) => void uses.push(use),
        refuse: async () => {},
      },
      secrets: () => [],
      masks: { add: async (_, __, sealed) => void masks.push(sealed), of: async () => masks },
      sessions: { open: async () => undefined, save: async () => 'no room' },
      logbook: { append: async () => ({ ok: true, offset: 0 }) },
      async activity(_, __, text, phase) {
        activities.push(text)
        phases.push(phase)
      },
      outcome: async (_, __, outcome) => void outcomes.push(outcome),
      log: createLogger('info', lines),
      ...needs,
    }),
  )
  url = server.url
  return {
    url,
    credential: sign(KEY, TASK, 2),
    logged,
    pushes,
    phases,
    activities,
    outcomes,
    /** What the calls of the models came to. */
    uses,
    /** What is kept of the values to mask. */
    masks,
    /** A call with the current attempt's credential. */
    call: (path: string, init: RequestInit = {}) =>
      fetch(`${server.url}${path}`, {
        ...init,
        headers: { authorization: `Bearer ${sign(KEY, TASK, 2)}`, ...(init.headers as Record<string, string>) },
      }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}
