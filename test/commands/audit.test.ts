import { expect, test, vi } from 'vitest'
import { run } from '../../src/commands/audit.ts'

test.each([
  [['--since', 'yesterday'], '--since: "yesterday" is no time: give 2026-11-22, say.'],
  [['--after', '12'], '--after: "12" is no id: give the "id" of a line that was printed before.'],
])('%j is answered with a sentence', async (args, sentence) => {
  await expect(run(args)).rejects.toThrow(sentence)
})

test('--help lists the flags', async () => {
  const log = vi.spyOn(console, 'log').mockReturnValue()
  await run(['--help'])
  for (const flag of ['--since', '--after', '--task']) expect(log.mock.calls[0]?.[0]).toContain(flag)
  log.mockRestore()
})
