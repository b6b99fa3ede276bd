import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startSandbox } from '../../src/sandbox/sandbox.ts'
import { loginWorld } from './loginWorld.ts'

const JSON_BODY = { headers: { 'content-type': 'application/json' } }

test('a developer logs in, is somebody, and logs out; the cookie of before is nobody then', async () => {
  const world = await loginWorld()
  const mine = world.browser()
  expect(await mine.me()).toBe(401)
  const back = await mine.login('developer', '/tasks/1-n2?tab=log')
  expect([back.status, back.location]).toEqual([303, '/tasks/1-n2?tab=log'])
  expect(JSON.parse((await mine.get('/me')).text)).toEqual({
    person: { id: expect.any(Number), username: 'developer', name: 'Dev Developer' },
    browser: true,
    mayWrite: true,
  })
  const [kept] = back.headers.getSetCookie().filter((line) => /^errand=\S/.test(line))
  expect(kept).toMatch(/^errand=[\w-]{43}\.[\w-]{43}; Max-Age=28800; Path=\/; HttpOnly; SameSite=Lax$/)
  expect([...mine.cookies.keys()]).toEqual(['errand'])
  // Who is logged in is not sent to GitLab again.
  expect((await mine.get('/login?to=/new')).location).toBe('/new')
  const stolen = mine.cookies.get('errand') ?? ''
  expect((await mine.logout()).status).toBe(204)
  expect(mine.cookies.size).toBe(0)
  mine.cookies.set('errand', stolen)
  expect(await mine.me()).toBe(401)
})

test('GitLab is asked for the identity alone, and keeps no token of it', async () => {
  const world = await loginWorld()
  const { location } = await world.browser().get('/login')
  const asked = new URL(location).searchParams
  expect([asked.get('scope'), asked.get('code_challenge_method'), asked.get('response_type')]).toEqual([
    'openid profile',
    'S256',
    'code',
  ])
  for (const name of ['state', 'nonce', 'code_challenge']) expect(asked.get(name)?.length).toBeGreaterThan(40)
  await world.browser().login('developer')
  const journal = await readFile(join(world.data, 'journal.jsonl'), 'utf8')
  const tokens = journal.split('\n').filter((line) => line.startsWith('["tokens"') && line.includes('applicationId'))
  expect(tokens.at(-1)).toContain('"revoked":true')
})

test('one logs out everywhere, or here alone', async () => {
  const world = await loginWorld()
  const [one, two, three, other] = [world.browser(), world.browser(), world.browser(), world.browser()]
  for (const mine of [one, two, three]) await mine.login('developer')
  await other.login('reporter')
  const form = await one.logout({ body: new URLSearchParams({}) })
  expect([form.status, form.location]).toEqual([303, '/'])
  expect([await one.me(), await two.me(), await three.me()]).toEqual([401, 'developer', 'developer'])
  await two.logout({ ...JSON_BODY, body: JSON.stringify({ everywhere: true }) })
  expect([await two.me(), await three.me(), await other.me()]).toEqual([401, 401, 'reporter'])
})

test('logins are in the trail, and who is kept out', async () => {
  const world = await loginWorld()
  const mine = world.browser()
  await mine.login('developer')
  await mine.logout()
  await mine.login('developer')
  await mine.logout({ ...JSON_BODY, body: JSON.stringify({ everywhere: true }) })
  await mine.logout()
  const dev = { id: expect.any(String), at: expect.any(String), by: 'developer', person: expect.any(Number) }
  expect(await Array.fromAsync(world.audit.read(0))).toEqual([
    { ...dev, deed: 'logged-in' },
    { ...dev, deed: 'logged-out' },
    { ...dev, deed: 'logged-in' },
    { ...dev, deed: 'logged-out', what: 'everywhere' },
  ])
})

test('another login takes the place of the one before, which ends', async () => {
  const world = await loginWorld()
  const mine = world.browser()
  const second = await mine.choose('reporter')
  const begun = mine.cookies.get('errand-login') ?? ''
  await mine.login('developer')
  const before = mine.cookies.get('errand') ?? ''
  mine.cookies.set('errand-login', begun)
  await mine.get(second)
  expect(await mine.me()).toBe('reporter')
  mine.cookies.set('errand', before)
  expect(await mine.me()).toBe(401)
})

test('no other site logs anybody out', async () => {
  const world = await loginWorld()
  const mine = world.browser()
  await mine.login('developer')
  for (const headers of [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: 'null', 'sec-fetch-site': 'cross-site' },
  ])
    expect((await mine.logout({ headers })).status).toBe(403)
  for (const headers of [{}, { 'sec-fetch-site': 'cross-site' }]) {
    const page = await mine.get('/logout', { method: 'POST', headers })
    expect([page.status, page.text.includes('Nobody was logged out')]).toEqual([403, true])
  }
  expect((await mine.get('/logout')).status).toBe(404)
  expect(await mine.me()).toBe('developer')
})

test.each([
  ['another id', (cookie: string) => cookie.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'))],
  ['another signature', (cookie: string) => cookie.replace(/.{2}$/, (last) => (last === 'AA' ? 'BB' : 'AA'))],
  ['no signature', (cookie: string) => cookie.split('.')[0] ?? ''],
  ['an empty signature', (cookie: string) => `${cookie.split('.')[0]}.`],
  ['a part more', (cookie: string) => `${cookie}.x`],
])('a cookie with %s is nobody', async (_, forge) => {
  const world = await loginWorld()
  const mine = world.browser()
  await mine.login('developer')
  const cookie = mine.cookies.get('errand') ?? ''
  mine.cookies.set('errand', forge(cookie))
  expect(await mine.me()).toBe(401)
  mine.cookies.set('errand', cookie)
  expect(await mine.me()).toBe('developer')
})

test('a login in progress is no login, and a new ERRAND_KEY ends them all', async () => {
  const world = await loginWorld()
  const mine = world.browser()
  await mine.get('/login')
  mine.cookies.set('errand', mine.cookies.get('errand-login') ?? '')
  expect(await mine.me()).toBe(401)
  await mine.login('developer')
  expect(await mine.me()).toBe('developer')
  world.renewKey()
  expect(await mine.me()).toBe(401)
})

test('what GitLab sends back counts once, in the browser that was sent there, for what was asked', async () => {
  const world = await loginWorld()
  const [mine, theirs] = [world.browser(), world.browser()]
  const back = await mine.choose('developer')
  const begun = mine.cookies.get('errand-login') ?? ''
  // Somebody makes another log in as oneself, or logs in with the code of another.
  const forced = await theirs.get(back)
  expect([forced.status, forced.text.includes('no longer good')]).toEqual([400, true])
  expect(await theirs.me()).toBe(401)
  const wrong = world.browser()
  await wrong.choose('reporter')
  expect((await wrong.get(back)).status).toBe(400)
  expect((await mine.get(back)).status).toBe(303)
  await mine.logout()
  mine.cookies.set('errand-login', begun)
  expect((await mine.get(back)).status).toBe(400)
  expect(await mine.me()).toBe(401)
})

test('an answer that was made for something else is not believed', async () => {
  const world = await loginWorld()
  const mine = world.browser()
  const nonce = await mine.get(await mine.choose('developer', '/', { nonce: 'of-another-login' }))
  expect([nonce.status, nonce.text.includes('could not be verified')]).toEqual([502, true])
  const challenge = await mine.get(await mine.choose('developer', '/', { code_challenge: 'x'.repeat(43) }))
  expect([challenge.status, challenge.text.includes('no longer good')]).toEqual([400, true])
  const code = await mine.get(`${await mine.choose('developer')}x`.replace('code=', 'code=x'))
  expect(code.status).toBe(400)
  expect(await mine.me()).toBe(401)
})

test('who says no is told how to say yes', async () => {
  const world = await loginWorld()
  const page = await (async (mine) => mine.get(await mine.choose(undefined, '/tasks/1-n2')))(world.browser())
  expect(page.status).toBe(403)
  expect(page.text).toContain('GitLab was told not to let Errand know who you are')
  expect(page.text).toContain('href="/login?to=%2Ftasks%2F1-n2"')
  expect(page.headers.get('cache-control')).toBe('no-store')
})

test('an account that GitLab blocks is told so, at its login and after it', async () => {
  const world = await loginWorld()
  const [mine, late] = [world.browser(), world.browser()]
  await mine.login('developer')
  const back = await late.choose('developer')
  await world.ask('root', 'POST', '/users/developer/block')
  const page = await late.get(back)
  expect([page.status, page.text.includes('not active')]).toEqual([403, true])
  expect((await mine.get('/me')).text).toContain('@developer is not active')
  await world.ask('root', 'POST', '/users/developer/unblock')
  expect(await mine.me(), 'its logins have ended').toBe(401)
})

test('GitLab away is said, and once it is back one logs in', async () => {
  const world = await loginWorld()
  const mine = world.browser()
  await world.sandbox.close()
  const page = await mine.get('/login')
  expect([page.status, page.headers.get('retry-after')]).toEqual([503, '30'])
  expect(page.text).toContain('GitLab does not answer')
  const again = await startSandbox({ port: world.sandbox.port, data: world.data })
  onTestFinished(() => again.close())
  await mine.login('developer')
  expect(await mine.me()).toBe('developer')
  const back = await world.browser().choose('developer')
  await again.close()
  expect((await mine.get(back)).status).toBe(400)
})

test('GitLab goes away between going there and coming back', async () => {
  const world = await loginWorld()
  const mine = world.browser()
  const back = await mine.choose('developer')
  await world.sandbox.close()
  expect((await mine.get(back)).status).toBe(503)
})

test("an application that GitLab does not know, or not with this secret, is the operator's to mend", async () => {
  const world = await loginWorld({ oauth: { secret: 'gloas-wrong' } })
  const mine = world.browser()
  const page = await mine.get(await mine.choose('developer'))
  expect(page.status).toBe(502)
  expect(page.text).toContain('OAUTH_CLIENT_SECRET is wrong')
  expect(page.text).toContain(`${world.url}/login/callback`)
  expect(page.text + world.logged.join('')).not.toContain('gloas-wrong')
})

test('where nothing is configured, it says what an operator does; where everybody acts as one, nobody logs in', async () => {
  const none = await loginWorld({ oauth: false })
  const page = await none.browser().get('/login')
  expect([page.status, page.text.includes('OAUTH_CLIENT_ID')]).toEqual([404, true])
  expect(none.identity.me).toMatchObject({ login: 'tokens', actsAs: null })
  expect(await none.browser().me()).toBe(401)

  const acting = await loginWorld({ login: { actAs: 'Developer', open: false, wary: false } })
  expect(await acting.browser().me()).toBe('developer')
  expect(acting.identity.me).toMatchObject({ login: 'nobody', actsAs: 'Developer' })
  expect((await acting.browser().get('/login?to=/new')).location).toBe('/new')
  const unknown = await loginWorld({ login: { actAs: 'nemo', open: false, wary: false } })
  expect((await unknown.browser().get('/me')).text).toContain('login.actAs names nemo')
})

test('by another name of this machine one is led to the one that GitLab knows', async () => {
  const world = await loginWorld()
  const { port } = new URL(world.url)
  const page = await world
    .browser()
    .get(`http://localhost:${port}/login?to=/new`, {})
    .catch(() => undefined)
  expect(page?.location).toBe(`${world.url}/login?to=%2Fnew`)
})
