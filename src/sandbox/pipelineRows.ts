import type { Time } from './entities.ts'

/** GitLab's statuses of pipelines and jobs, as far as they occur here. */
export const ciStatuses = [
  'created',
  'pending',
  'running',
  'success',
  'failed',
  'canceled',
  'skipped',
  'manual',
] as const

/** A status of a pipeline or a job. */
export type CiStatus = (typeof ciStatuses)[number]

/** A pipeline of one commit. Without `mergeRequestId` it is a branch pipeline. */
export type Pipeline = {
  id: number
  iid: number
  projectId: number
  personId: number
  /** The branch; the API shows `refs/merge-requests/<iid>/head` instead for the pipeline of a merge request. */
  ref: string
  sha: string
  source: string
  status: CiStatus
  mergeRequestId: number | null
  createdAt: Time
  updatedAt: Time
  finishedAt: Time | null
}

/** A job of a pipeline, with its log. One that was retried stays, and a new one has its name. */
export type Job = {
  id: number
  pipelineId: number
  projectId: number
  personId: number
  name: string
  stage: string
  status: CiStatus
  allowFailure: boolean
  failureReason: string | null
  trace: string
  retried: boolean
  createdAt: Time
  startedAt: Time | null
  finishedAt: Time | null
}
