/** What a cluster gives the container of one attempt (runtime/README.md, clause 1). */

import { chmodSync, chownSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Attempt } from '../runtime/attempt.ts'
import type { Wish } from './container.ts'

export function given(attempt: Attempt, user: string): Wish & Required<Pick<Wish, 'mounts' | 'env'>> {
  const [uid = 0, gid = 0] = user.split(':').map(Number)
  const credential = join(attempt.folder, 'credential')
  const lastWords = join(attempt.folder, 'last-words')
  writeFileSync(lastWords, '')
  for (const path of [attempt.workspace, lastWords]) chownSync(path, uid, gid)
  chmodSync(credential, 0o444)
  return {
    user,
    mounts: {
      '/workspace': attempt.workspace,
      '/var/run/errand/credential': `${credential}:ro`,
      '/dev/termination-log': lastWords,
    },
    env: {
      ERRAND_DOOR: attempt.door.url,
      ERRAND_CREDENTIAL_FILE: '/var/run/errand/credential',
      ERRAND_WORKSPACE: '/workspace',
      ERRAND_TERMINATION_FILE: '/dev/termination-log',
      SECRET_OF_THE_OPERATOR: 'must-not-be-seen',
    },
  }
}
