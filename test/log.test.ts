import { expect, test } from 'vitest'
import { createLogger } from '../src/log.ts'

test('an error is its message and stack: what a library hung on it, a request with a token, stays out', () => {
  const lines: string[] = []
  const log = createLogger('info', { write: (line) => lines.push(line) })
  const error = Object.assign(new Error('no', { cause: new Error('because') }), {
    request: { headers: { 'private-token': 'glpat-x' } },
  })
  log.error({ err: error, config: { token: 'glpat-x' } }, 'failed')
  const [line = ''] = lines
  expect(JSON.parse(line)).toMatchObject({ msg: 'failed', err: { message: 'no', cause: 'Error: because' } })
  expect(line).not.toContain('glpat-x')
})
