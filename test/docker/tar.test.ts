import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { fileOf, tarOf } from '../../src/docker/tar.ts'

test('tar reads what was written, and what tar wrote is read', () => {
  const folder = mkdtempSync(join(tmpdir(), 'errand-tar-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const text of ['secret', '', 'é'.repeat(1000)]) {
    const listed = execFileSync('tar', ['-t', '-v', '--numeric-owner', '-f', '-'], { input: tarOf('credential', text) })
    expect(listed.toString()).toMatch(/^-r--r--r-- 0\/0 +\d+ .* credential\n$/)
    expect(execFileSync('tar', ['-x', '-O', '-f', '-'], { input: tarOf('credential', text) }).toString()).toBe(text)
    writeFileSync(join(folder, 'last-words.json'), text)
    expect(fileOf(execFileSync('tar', ['-c', '-C', folder, '.']))).toBe(text)
  }
})

test('what is no archive, or holds no file, holds no file', () => {
  for (const bytes of [Buffer.alloc(0), Buffer.alloc(1024), Buffer.from('x'.repeat(2000))]) {
    expect(fileOf(bytes)).toBeUndefined()
  }
})
