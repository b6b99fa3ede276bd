import type { Time } from './entities.ts'

/** The events of this sandbox that a hook can ask for, by GitLab's names of the settings. */
export const hookFlags = [
  'push_events',
  'tag_push_events',
  'issues_events',
  'confidential_issues_events',
  'note_events',
  'confidential_note_events',
  'merge_requests_events',
  'emoji_events',
  'job_events',
  'pipeline_events',
  'wiki_page_events',
  'deployment_events',
  'releases_events',
  'milestone_events',
  'feature_flag_events',
  'resource_access_token_events',
] as const

/** One of the events that a hook can ask for. */
export type HookFlag = (typeof hookFlags)[number]

/** A project's webhook. */
export type Hook = {
  id: number
  projectId: number
  url: string
  name: string | null
  description: string | null
  token: string | null
  signingToken: string | null
  flags: Record<HookFlag, boolean>
  sslVerification: boolean
  /** Failures in a row, for the automatic switching off. */
  failures: number
  disabledUntil: Time | null
  createdAt: Time
}

/**
 * One event for one hook, with how its delivery ended; each request has a row of its own, also the resends and duplicates of
 * one event, which share the key. `pending` ones are delivered at the next start, `dropped` ones never were.
 */
export type HookEvent = {
  id: number
  hookId: number
  projectId: number
  flag: HookFlag
  /** The value of X-Gitlab-Event. */
  header: string
  /** Idempotency-Key and webhook-id. */
  key: string
  body: string
  url: string
  createdAt: Time
  status: 'pending' | 'dropped' | 'internal error' | number
  requestHeaders: Record<string, string>
  responseHeaders: Record<string, string>
  responseBody: string
  /** Seconds. */
  duration: number
}
