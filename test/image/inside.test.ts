/** The image's own entrypoint, Node and git pass the tests of runtime/ within the image, as its user, on a root that is read only. */

import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { exitOf } from '../runtime/attempt.ts'
import { startContainer, USERS } from './container.ts'

const checkout = (path: string) => `${fileURLToPath(new URL(`../../${path}`, import.meta.url))}:ro`
const ROOT = '/opt/errand'

test('all tests of runtime/', { timeout: 500_000 }, async () => {
  // Laid around the image's runtime/, so that what the tests import and start as ../../runtime is that.
  const mounts = Object.fromEntries(['test', 'src', 'node_modules'].map((name) => [`${ROOT}/${name}`, checkout(name)]))
  const vitest = [`${ROOT}/node_modules/vitest/vitest.mjs`, 'run', '--root', ROOT, '--configLoader', 'runner']
  const tests = startContainer({ user: USERS[0], mounts, env: { CI: '1' }, entrypoint: '/usr/bin/tini' }, [
    '--',
    `${ROOT}/bin/node`,
    ...vitest,
    '--config',
    `${ROOT}/test/image/insideConfig.ts`,
  ])
  expect(await exitOf(tests)).toBe(0)
})
