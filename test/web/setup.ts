/** Once for all tests in a browser: there is one. */

import type { TestProject } from 'vitest/node'
import { ownEnvironment } from '../../src/config.ts'
import { findProgram } from '../../src/local/program.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** The browser's program. */
    chromium: string
  }
}

export default async function setup(project: TestProject): Promise<void> {
  const found = await findProgram('chromium', ownEnvironment().PATH ?? '', console.log)
  if ('missing' in found) throw new Error(found.missing)
  project.provide('chromium', found.path)
}
