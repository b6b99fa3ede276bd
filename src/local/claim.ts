/**
 * Loaded before the entrypoint of a local run (`node --import`): the run itself writes who it is, exclusively, so that
 * however often it is launched, and whoever dies in between, one process runs per attempt; and how it ended.
 */

import { writeFileSync } from 'node:fs'
import { startOf } from './processes.ts'

const [, , , pidFile = '', exitFile = ''] = process.argv
try {
  writeFileSync(pidFile, JSON.stringify({ pid: process.pid, start: await startOf(process.pid), at: Date.now() }), {
    flag: 'wx',
  })
} catch (error) {
  if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  // Another process of this attempt was faster, and does the work.
  process.exit(0)
}
process.on('exit', (code) => {
  writeFileSync(exitFile, JSON.stringify({ code }))
})
