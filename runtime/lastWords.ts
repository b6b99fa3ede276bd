/** The second way by which an ending gets out: cause, branch and commit in a file that the cluster reads. */

import { renameSync, writeFileSync } from 'node:fs'
import type { LastWords, Outcome } from './protocol.ts'

/** What of an outcome may stand in a place that is not masked. Pure. */
export function lastWordsOf(outcome: Outcome): LastWords {
  return {
    ...(outcome.failure === undefined ? {} : { cause: outcome.failure.cause }),
    ...(outcome.pushed === undefined ? {} : { branch: outcome.pushed.branch, commit: outcome.pushed.commit }),
  }
}

/** Writes whole or not at all, where the place allows it: a cluster mounts the file itself, which cannot be replaced. */
export function writeLastWords(path: string, words: LastWords): void {
  const text = JSON.stringify(words)
  try {
    writeFileSync(`${path}.new`, text)
    renameSync(`${path}.new`, path)
  } catch {
    writeFileSync(path, text)
  }
}
