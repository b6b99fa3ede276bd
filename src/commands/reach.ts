/** How neighbours are reached, as the configuration says now. */

import type { Config, ModelAccess } from '../config.ts'
import type { Access } from '../door/modelProvider.ts'
import type { Pace } from '../gitlab/requester.ts'
import type { Metrics } from '../metrics.ts'

/** Read at every use: key files are rotated while we run. */
export function accessNow(access: ModelAccess | undefined): Access | undefined {
  if (access === undefined) return undefined
  const { baseUrl, apiKey, authToken } = access
  return {
    baseUrl,
    ...(apiKey === undefined ? {} : { apiKey: apiKey() }),
    ...(authToken === undefined ? {} : { authToken: authToken() }),
  }
}

export function paceOf({ pace }: Config, metrics?: Metrics): Pace {
  const heard = metrics === undefined ? {} : { heard: metrics.calledGitLab }
  return { timeout: pace.gitlabTimeout * 1000, backoff: pace.gitlabBackoff * 1000, ...heard }
}
