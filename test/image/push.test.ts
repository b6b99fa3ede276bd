/** The pages' `podman push`, with a small image and a registry of this machine. */

import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { startRegistry } from './registry.ts'

const podman = async (...args: readonly string[]) => promisify(execFile)('podman', args)

test.each(['errand:0.1.0', 'errand-runtime:0.1.0'])(
  '%s, built under the name of its registry, is pushed there',
  async (name) => {
    await using registry = await startRegistry()
    const folder = mkdtempSync(join(tmpdir(), 'errand-push-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch\nCOPY Dockerfile /\n')
    const image = `${registry.address}/${name}`
    await podman('build', '--tag', image, folder)
    onTestFinished(async () => void (await podman('rmi', image)))
    // Nobody's certificate is needed for loopback.
    await podman('push', '--tls-verify=false', image)
    const manifest = JSON.parse(String(registry.manifests.get(name)))
    expect([manifest.config, ...manifest.layers].map(({ digest }) => registry.blobs.has(digest))).toEqual([true, true])
  },
)
