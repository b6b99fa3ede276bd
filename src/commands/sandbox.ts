/** The small GitLab alone, as a process of its own. */

import { parseArgs } from 'node:util'
import { startSandbox } from '../sandbox/sandbox.ts'
import { StartError } from './startError.ts'

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { port: { type: 'string', default: '8929' }, data: { type: 'string' } },
  })
  if (values.data === undefined)
    throw new StartError('sandbox needs --data DIR, a folder for its repositories and its journal.')
  const ended = new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve)
  })
  const sandbox = await startSandbox({ port: Number(values.port), data: values.data })
  console.log(`The sandbox GitLab is at ${sandbox.url}`)
  await ended
  await sandbox.close()
}
