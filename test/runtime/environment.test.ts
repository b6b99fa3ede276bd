import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { newAttempt, READY } from './attempt.ts'

const PASSED = {
  NODE_EXTRA_CA_CERTS: '/etc/ssl/own.pem',
  GIT_SSL_CAINFO: '/etc/ssl/own.pem',
  NPM_CONFIG_REGISTRY: 'https://npm.example.com',
  NPM_CONFIG_CAFILE: '/etc/ssl/own.pem',
  PIP_INDEX_URL: 'https://pypi.example.com/simple',
  UV_DEFAULT_INDEX: 'https://pypi.example.com/simple',
  GOPROXY: 'https://go.example.com',
}

test('where packages come from, and whom to trust, reaches set-up and agent; the door is never asked through a proxy', async () => {
  const asked: string[] = []
  const proxy = createServer((incoming, answer) => {
    asked.push(incoming.url ?? '')
    answer.writeHead(502).end()
  })
  await new Promise<void>((listening) => proxy.listen(0, '127.0.0.1', listening))
  onTestFinished(() => void proxy.close())
  const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
  const attempt = await newAttempt({
    prompt: 'rehearse: print environment',
    files: { ...READY, 'agent-setup.sh': 'env | sed "s/^/set-up: /"\n' },
  })
  const proxies = { HTTP_PROXY: address, https_proxy: address, http_proxy: address, no_proxy: 'intranet.example.com' }
  expect(await attempt.run({ ...PASSED, ...proxies, AWS_SECRET_ACCESS_KEY: 'must-not-be-seen' })).toBe(0)
  expect(attempt.door.outcome?.result).toBe('pushed')
  expect(asked).toEqual([])
  const log = attempt.door.log.toString()
  for (const [name, value] of Object.entries({
    ...PASSED,
    ...proxies,
    no_proxy: 'intranet.example.com,127.0.0.1',
    NO_PROXY: 'intranet.example.com,127.0.0.1',
  })) {
    expect(log).toContain(`\nset-up: ${name}=${value}\n`)
    expect(log).toContain(`\nenvironment: ${name}=${value}\n`)
  }
  expect(log).not.toContain('must-not-be-seen')
})
