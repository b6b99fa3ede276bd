import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, onTestFinished } from 'vitest'
import { z } from 'zod'
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts'

/** The people of the demo's world. */
export type Who = 'root' | 'maintainer' | 'developer' | 'reporter' | 'outsider' | 'errand-bot' | 'nobody'

/** An answer, with its JSON body (or its text, where it is no JSON). */
export type Reply = {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly body: unknown
}

/** Calls the API as somebody. */
export type Ask = (who: Who, method: string, path: string, body?: unknown) => Promise<Reply>

let seeded: Promise<string> | undefined

/** The demo's world as it is at its first start, made once for all tests of a file: making it takes longer than copying it. */
async function seededFolder(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'sandbox-seed-'))
  await (await startSandbox({ port: 0, data: folder })).close()
  return folder
}

afterAll(async () => {
  if (seeded !== undefined) rmSync(await seeded, { recursive: true, force: true, maxRetries: 5 })
})

/** A folder with the demo's world, which goes with the test. */
export async function worldFolder(): Promise<string> {
  seeded ??= seededFolder()
  const folder = tempFolder()
  cpSync(await seeded, folder, { recursive: true })
  return folder
}

/** A sandbox for one test, ended with it. */
export async function startedSandbox(): Promise<{ sandbox: Sandbox; ask: Ask; data: string }> {
  const data = await worldFolder()
  const sandbox = await startSandbox({ port: 0, data })
  onTestFinished(() => sandbox.close())
  return { sandbox, ask: askAt(sandbox.url), data }
}

/** A folder that goes with the test. */
export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sandbox-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}

/** Calls at an address, also of a sandbox that is a process of its own. */
export function askAt(url: string): Ask {
  return async (who, method, path, body) => {
    const headers = {
      ...(who === 'nobody' ? {} : { 'private-token': `glpat-demo-${who}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    }
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }
    const response = await fetch(`${url}/api/v4${path}`, init)
    const text = await response.text()
    const json = response.headers.get('content-type')?.startsWith('application/json') ?? false
    return { status: response.status, headers: response.headers, text, body: json ? JSON.parse(text) : text }
  }
}

/** The entries of a list. */
export function list(reply: Reply): Record<string, unknown>[] {
  return z.array(z.record(z.string(), z.unknown())).parse(reply.body)
}

/** The id of what was made. */
export function idOf(reply: Reply): number {
  return z.object({ id: z.number() }).parse(reply.body).id
}
