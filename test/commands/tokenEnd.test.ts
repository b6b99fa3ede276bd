import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { createTokenEnd } from '../../src/commands/tokenEnd.ts'
import { connectGitLab } from '../../src/gitlab/client.ts'
import { createLogger } from '../../src/log.ts'
import { createMetrics } from '../../src/metrics.ts'
import { startedSandbox } from '../sandbox/startedSandbox.ts'

const DAY = 86_400_000

async function watched(expires: string | undefined) {
  const { sandbox, ask } = await startedSandbox()
  const wish = { name: 'errand', scopes: ['api'], access_level: 30, expires_at: expires }
  const made = (await ask('maintainer', 'POST', '/projects/1/access_tokens', wish)).body as { token: string }
  const token = expires === undefined ? 'glpat-demo-errand-bot' : made.token
  const lines: { event: string; days: number }[] = []
  const out = new Writable({
    write(line, _, done) {
      lines.push(JSON.parse(String(line)))
      done()
    },
  })
  let now = Date.now()
  const metrics = createMetrics()
  const gitlab = connectGitLab(sandbox.url, async () => token, { timeout: 5000, backoff: 10 })
  const end = createTokenEnd(gitlab, metrics, createLogger('info', out), () => now)
  return {
    end,
    lines,
    seconds: async () => /^errand_gitlab_token_expires_seconds (\S+)$/m.exec(await metrics.read())?.[1],
    later(days: number) {
      now += days * DAY
    },
  }
}

test('a token that never ends is told nowhere', async () => {
  const { end, lines, seconds } = await watched(undefined)
  expect(await seconds()).toBeUndefined()
  await end.look()
  expect([await seconds(), end.notice(), lines]).toEqual([undefined, undefined, []])
})

test('from thirty days on the log warns once a day; in the last week people read of it', async () => {
  const day = new Date(Date.now() + 41 * DAY).toISOString().slice(0, 10)
  const { end, lines, seconds, later } = await watched(day)
  await end.look()
  expect(Number(await seconds())).toBeGreaterThan(39 * 86_400)
  expect(lines).toEqual([])
  later(11)
  await end.look()
  await end.look()
  later(0.5)
  await end.look()
  expect(lines).toEqual([expect.objectContaining({ event: 'token-ends', days: 29 })])
  expect(end.notice()).toBeUndefined()
  later(23)
  await end.look()
  expect(lines).toHaveLength(2)
  expect(end.notice()).toBe(
    `⚠️ My access to GitLab ends on ${day}, and then I answer nobody. Whoever runs me gives me a new token before.`,
  )
  expect(Number(await seconds())).toBeLessThan(7 * 86_400)
})
