/** Work that could not be pushed is not thrown away: it goes into the log, as a patch that `git am` takes. */

import type { Git } from './git.ts'
import type { Surroundings } from './surroundings.ts'

/** Characters; a larger one would be most of a log. */
const LARGEST = 1024 * 1024
/** Milliseconds; the push before it has had its time. */
const LIMIT = 10_000

/** Writes the commits between the two into the log, where they are not too large for it. */
export async function logPatch({ start, log, warn }: Surroundings, git: Git, from: string, to: string): Promise<void> {
  const args = ['format-patch', '--stdout', '--binary', '--no-signature', '--no-textconv', '--no-ext-diff']
  const made = await git([...args, `${from}..${to}`], {
    env: { GIT_DIR: start.places.git },
    signal: AbortSignal.timeout(LIMIT),
    capture: true,
  })
  if (made.code !== 0 || made.output === '' || made.output.length > LARGEST) {
    warn('The work could not be pushed and is lost; the log tells what was done.')
    return
  }
  log.line('the work as a patch, for `git am`:')
  log.write(`${made.output}\n`)
  log.line('the end of the patch')
  warn('The work could not be pushed. It stands as a patch at the end of the log, for `git am`.')
}
