/** The sandbox's pages as a browser without scripts sees them. */

import { expect, test } from 'vitest'
import { pushedBranch } from './clone.ts'
import { steer } from './controls.ts'
import { hooked } from './hookReceiver.ts'
import { threadId, visitorAt } from './pageVisitor.ts'
import { type Ask, idOf, list, startedSandbox } from './startedSandbox.ts'

const issue = '/demo/shop/-/issues/1'
const merge = '/demo/shop/-/merge_requests/1'
const api = '/projects/1/merge_requests/1'

async function opened() {
  const { sandbox, ask } = await startedSandbox()
  return { ask, url: sandbox.url, visit: visitorAt(sandbox.url) }
}

async function withMergeRequest() {
  const world = await opened()
  await pushedBranch(world.url, 'work', 'src/new.js', 'one\n<two>\nthree\n')
  const fields = { source_branch: 'work', target_branch: 'main', title: 'Work', description: 'Closes #1' }
  await world.ask('errand-bot', 'POST', '/projects/1/merge_requests', fields)
  return world
}

async function onLine(ask: Ask, body: string, line: number) {
  const [version] = list(await ask('developer', 'GET', `${api}/versions`))
  const position = {
    base_sha: version?.base_commit_sha,
    start_sha: version?.start_commit_sha,
    head_sha: version?.head_commit_sha,
    position_type: 'text',
    old_path: 'src/new.js',
    new_path: 'src/new.js',
    new_line: line,
  }
  return threadId((await ask('maintainer', 'POST', `${api}/discussions`, { body, position })).body)
}

/** A page without its tags. */
const words = (html: string) =>
  html
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()

test('the first page names projects and people, a person what they belong to, a project what it has', async () => {
  const { visit } = await withMergeRequest()
  const home = words((await visit.get('/')).text)
  expect(home).toContain('demo/shop public · 1 open issue')
  expect(home).toContain('Errand @errand-bot · bot')
  expect(home).not.toContain('vault')
  expect(words((await visit.get('/developer')).text)).toMatch(/Dev Developer @developer .*demo\/shop .* Developer/)
  const shop = words((await visit.get('/demo/shop')).text)
  for (const part of ['Add a health check #1', 'Work !1', 'Branches main default work', 'src/server.js']) {
    expect(shop).toContain(part)
  }
  expect(words((await visit.get('/demo/shop/-/issues')).text)).toContain('New issue')
  expect(words((await visit.get('/demo/shop/-/merge_requests/')).text)).toContain('Open Work !1')
})

test('what somebody may not see has no page for them', async () => {
  const { ask, url } = await opened()
  await ask('maintainer', 'POST', '/projects/1/issues', { title: 'Secret plan', confidential: true })
  await ask('maintainer', 'POST', '/projects/1/issues/1/notes', { body: 'Between us', internal: true })
  const [inside, outside] = [visitorAt(url), visitorAt(url, 'outsider')]
  const plan = '/demo/shop/-/issues/2'
  expect([(await inside.get(plan)).status, (await outside.get(plan)).status]).toEqual([200, 404])
  expect((await inside.get(issue)).text).toContain('Between us')
  expect((await inside.get(issue)).text).toContain('Internal note')
  for (const path of [issue, '/demo/shop', '/demo/shop/-/issues', plan]) {
    expect((await outside.get(path)).text, path).not.toMatch(/Between us|Secret plan/)
  }
  for (const path of ['/demo/vault', '/demo/vault/-/issues', '/nobody', '/demo/shop/-/wikis', '/%ff', '/-/']) {
    expect((await outside.get(path)).status, path).toBe(404)
  }
  expect((await visitorAt(url, 'maintainer').get('/demo/vault')).status).toBe(200)
  expect((await visitorAt(url, 'errand-bot').get(issue)).text).toContain('<option value="developer" selected>')
})

test('a conversation reads as in GitLab', async () => {
  const { ask, visit, url } = await opened()
  const thread = await ask('developer', 'POST', '/projects/1/issues/1/discussions', {
    body: `/agent see #1, ask @maintainer. \`#1 @maintainer\` ${url}${issue}#note_7`,
  })
  const note = idOf(await ask('errand-bot', 'POST', '/projects/1/issues/1/notes', { body: ':tada: *yes*' }))
  await ask('errand-bot', 'POST', `/projects/1/issues/1/notes/${note}/award_emoji`, { name: 'eyes' })
  await ask('maintainer', 'PUT', `/projects/1/issues/1/discussions/${threadId(thread.body)}?resolved=true`)
  await ask('developer', 'PUT', '/projects/1/issues/1', { add_labels: 'agent-todo', assignee_ids: [6] })
  await ask('developer', 'PUT', '/projects/1/issues/1', { state_event: 'close' })
  const { text } = await visit.get(issue)
  const link = (href: string, name: string) =>
    `<a href="${href}" class="reference" rel="noopener noreferrer nofollow">${name}</a>`
  expect(text).toContain(
    `/agent see ${link('/demo/shop/-/issues/1', '#1')}, ask ${link('/maintainer', '@maintainer')}. <code>#1 @maintainer</code> <a href="${url}${issue}#note_7" rel="noopener noreferrer nofollow">#1 (comment)</a>`,
  )
  expect(text).toContain('🎉 <em>yes</em>')
  expect(text).toContain('<span class="reaction" title="eyes: Errand">👀 1</span>')
  expect(text).toMatch(/<details class="box thread" id="thread-[0-9a-f]{40}"><summary>Resolved by Mara Maintainer · 1 /)
  expect(words(text)).toMatch(/Dev Developer @developer added agent-todo .*assigned to @errand-bot .*closed/)
  expect(words(text)).toContain('Closed opened')
})

test('a text is Markdown with some HTML, and nothing that acts', async () => {
  const { ask, visit } = await opened()
  const body = `${'<details open><summary>More</summary>'}

| a | b |
| - | -: |
| 1 | 2 |

- [x] done
- [ ] open

</details></details></section></main>

<!-- errand: hidden --><script>alert(1)</script><style>*{color:red}</style><svg onload=alert(1)><b onclick=alert(1)>b</b>
[js](javascript:alert(1)) <a href="JaVaScRiPt:alert(1)">j</a> <a href="//evil.example">e</a> <a href="http://x.example/" target=_blank>x</a>
![pic](https://x.example/p.png) <img src=x onerror=alert(1)> <iframe src=//x></iframe> <form action=/><input name=do><button>go</button></form>
<base href=//x> <meta http-equiv=refresh content=0> <div id=comment class=box style="position:fixed">d</div>`
  await ask('developer', 'POST', '/projects/1/issues/1/notes', { body })
  const { text } = await visit.get(issue)
  const from = text.indexOf('<div class="text"><details')
  const shown = text.slice(from, text.indexOf('</article>', from))
  expect(shown).toMatchInlineSnapshot(`
    "<div class="text"><details open><summary>More</summary>
    <table>
    <thead>
    <tr>
    <th>a</th>
    <th align="right">b</th>
    </tr>
    </thead>
    <tbody>
    <tr>
    <td>1</td>
    <td align="right">2</td>
    </tr>
    </tbody>
    </table>
    <ul>
    <li class="task"><input type="checkbox" disabled checked aria-label="done" /> done</li>
    <li class="task"><input type="checkbox" disabled aria-label="to do" /> open</li>
    </ul>
    </details>
    <b>b</b>
    <p>[js](javascript:alert(1)) <a rel="noopener noreferrer nofollow">j</a> <a rel="noopener noreferrer nofollow">e</a> <a href="http://x.example/" rel="noopener noreferrer nofollow">x</a>
    <a href="https://x.example/p.png" rel="noopener noreferrer nofollow">🖼 pic</a> <a href="x" rel="noopener noreferrer nofollow">🖼 picture</a>  </p>go<p></p>
      <div>d</div></div>

    "
  `)
})

test('a merge request shows its changes, and threads at their lines', async () => {
  const { ask, visit, url } = await withMergeRequest()
  const thread = await onLine(ask, 'Why two?', 2)
  await ask('errand-bot', 'POST', `${api}/discussions/${thread}/notes`, { body: 'Because.' })
  const pipeline = { project: 'demo/shop', ref: 'work', jobs: [{ name: 'lint', status: 'failed' }] }
  expect((await steer(url, 'POST', '/pipelines', pipeline)).status).toBe(201)
  const { text } = await visit.get(merge)
  expect(words(text)).toContain('to bring work into main')
  expect(words(text)).toContain('src/new.js +3 −0 new')
  expect(text).toContain('<tr class="added"><td></td><td>2</td><td>+</td><td>&#60;two&#62;</td></tr>')
  expect(words(text)).toMatch(/src\/new\.js line 2 .*Why two\? .*Because\. .*Reply .*Resolve/)
  expect(words(text)).toMatch(/Pipelines failed #\d+ [0-9a-f]{8} lint: failed/)
  expect(words(text)).toContain('Dev Developer may not merge into main')
  const diffs = (await visit.get(`${merge}/diffs`)).text
  expect(words(diffs)).toMatch(/&#60;two&#62; 💬 thread .* three/)
  expect(diffs).toContain('<option value="_3">')
})

test('a comment, a thread, a reply and a resolve fire the hooks that the API would', async () => {
  const { ask, visit } = await opened()
  const receiver = await hooked(ask)
  const comment = await visit.send(issue, { do: 'comment', body: '/agent add a health check' })
  expect([comment.status, comment.location]).toEqual([303, expect.stringMatching(`^${issue}#note_\\d+$`)])
  expect(await visit.send(issue, { do: 'thread', body: 'A thread' })).toMatchObject({ status: 303 })
  const [, thread] = list(await ask('developer', 'GET', '/projects/1/issues/1/discussions'))
  const discussion = String(thread?.id)
  await visit.send(issue, { do: 'reply', discussion, body: 'A reply' })
  await visit.send(issue, { do: 'resolve', discussion, resolved: 'true' })
  await visit.send(issue, { do: 'comment', body: 'Psst', internal: 'true' })
  const told = await receiver.wait(4)
  expect(told.map(({ event, payload }) => [event, payload.object_attributes.note, payload.user?.username])).toEqual(
    expect.arrayContaining([
      ['Note Hook', '/agent add a health check', 'developer'],
      ['Note Hook', 'A thread', 'developer'],
      ['Note Hook', 'A reply', 'developer'],
      ['Confidential Note Hook', 'Psst', 'developer'],
    ]),
  )
  expect(list(await ask('developer', 'GET', '/projects/1/issues/1/discussions'))).toMatchObject([
    { individual_note: true, notes: [{ internal: false }] },
    { notes: [{ resolved: true }, { resolved: true }] },
    { notes: [{ internal: true }] },
  ])
})

test('labels, assignee and state are changed, an issue is opened', async () => {
  const { ask, visit } = await opened()
  const receiver = await hooked(ask)
  await visit.send(issue, { do: 'label', label: 'agent-todo' })
  await visit.send(issue, { do: 'assign', person: '6' })
  await visit.send(issue, { do: 'state', event: 'close' })
  expect((await ask('nobody', 'GET', '/projects/1/issues/1')).body).toMatchObject({
    state: 'closed',
    labels: ['agent-todo'],
    assignees: [{ username: 'errand-bot' }],
  })
  expect(await visit.send(issue, { do: 'unlabel', label: 'agent-todo' })).toMatchObject({ location: issue })
  await visit.send(issue, { do: 'assign', person: '' })
  await visit.send(issue, { do: 'state', event: 'reopen' })
  expect((await ask('nobody', 'GET', '/projects/1/issues/1')).body).toMatchObject({
    state: 'opened',
    labels: [],
    assignees: [],
  })
  const made = await visit.send('/demo/shop/-/issues', { do: 'open', title: 'New', description: '/agent do it' })
  expect(made).toMatchObject({ status: 303, location: '/demo/shop/-/issues/2' })
  const actions = (await receiver.wait(7)).map(({ payload }) => payload.object_attributes.action)
  expect(actions.sort()).toEqual(['close', 'open', 'reopen', 'update', 'update', 'update', 'update'])
})

test('a line is commented on, and who may merges', async () => {
  const { ask, visit, url } = await withMergeRequest()
  const diffs = (await visit.get(`${merge}/diffs`)).text
  const position = Object.fromEntries(
    [...diffs.matchAll(/name="(position\[\w+\])" value="([^"]+)"/g)].map(([, name = '', value = '']) => [name, value]),
  )
  const line = await visit.send(merge, { do: 'line', line: '_2', body: 'Why?', ...position })
  expect(line).toMatchObject({ status: 303, location: expect.stringMatching(`^${merge}#note_\\d+$`) })
  expect(list(await ask('developer', 'GET', `${api}/discussions`))).toMatchObject([
    { notes: [{ type: 'DiffNote', body: 'Why?', position: { new_line: 2, old_line: null } }] },
  ])
  const refused = await visit.send(merge, { do: 'merge' })
  expect([refused.status, words(refused.text)]).toEqual([401, expect.stringContaining('Not done 401 Unauthorized')])
  const maintainer = visitorAt(url, 'maintainer')
  expect((await maintainer.get(merge)).text).toContain('<button name="do" value="merge"')
  expect(await maintainer.send(merge, { do: 'merge' })).toMatchObject({ status: 303, location: merge })
  expect(words((await maintainer.get(merge)).text)).toMatch(/Merged opened .*Mara Maintainer @maintainer merged/)
  expect(words((await maintainer.get(issue)).text)).toContain('Closed opened')
})

test('only the sandbox’s own pages send forms, and only the forms that a page has', async () => {
  const { ask, visit, url } = await opened()
  const form = { do: 'comment', body: 'Forged' }
  const { port } = new URL(url)
  for (const headers of [
    {},
    { origin: 'null' },
    { origin: 'http://evil.example' },
    { origin: `http://localhost:${port}` },
  ]) {
    expect((await visit.send(issue, form, headers)).status, JSON.stringify(headers)).toBe(403)
  }
  for (const [path, fields] of [
    [issue, { do: 'merge' }],
    [issue, { do: 'open', title: 'x', description: '' }],
    [issue, { body: 'x' }],
    ['/', form],
    [`${merge}/diffs`, form],
  ] as const) {
    expect((await visit.send(path, fields)).status, `${path} ${fields.do}`).toBe(400)
  }
  expect((await visit.send(issue, { do: 'comment', body: ' ' })).status).toBe(400)
  expect(list(await ask('developer', 'GET', '/projects/1/issues/1/notes'))).toEqual([])
})

test('whom one acts as is kept in a cookie, and leads back to where one was', async () => {
  const { visit } = await opened()
  const chosen = await visit.send('/-/sandbox/act-as', { person: 'maintainer', back: issue })
  expect([chosen.status, chosen.location]).toEqual([303, issue])
  expect(chosen.headers.get('set-cookie')).toBe('sandbox_person=maintainer; Path=/; HttpOnly; SameSite=Lax')
  for (const back of ['//evil.example', '/\\evil.example', 'http://evil.example', '']) {
    expect((await visit.send('/-/sandbox/act-as', { person: 'maintainer', back })).location).toBe('/')
  }
})

test('a page says what it may do, and whether it changed', async () => {
  const { ask, visit, url } = await opened()
  const first = await visit.get(issue)
  expect(Object.fromEntries(first.headers)).toMatchObject({
    'content-security-policy':
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'",
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
  })
  const version = first.headers.get('etag') ?? ''
  const again = { 'if-none-match': version }
  expect((await visit.get(issue, again)).status).toBe(304)
  expect((await visitorAt(url, 'reporter').get(issue, again)).status).toBe(200)
  await ask('developer', 'POST', '/projects/1/issues/1/notes', { body: 'News' })
  expect((await visit.get(issue, again)).text).toContain('News')
})
