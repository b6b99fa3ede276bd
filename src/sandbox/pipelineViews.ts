import { fullPath } from './access.ts'
import type { MergeRequest, Project, Time } from './entities.ts'
import { personViewById } from './people.ts'
import type { Job, Pipeline } from './pipelineRows.ts'
import type { World } from './world.ts'

/** A pipeline in a list. */
export function pipelineShort(world: World, project: Project, pipeline: Pipeline) {
  return {
    id: pipeline.id,
    iid: pipeline.iid,
    project_id: pipeline.projectId,
    sha: pipeline.sha,
    ref: apiRef(world, pipeline),
    status: pipeline.status,
    source: pipeline.source,
    created_at: pipeline.createdAt,
    updated_at: pipeline.updatedAt,
    web_url: pipelineUrl(world, project, pipeline),
    name: null,
  }
}

/** A pipeline alone. */
export function pipelineView(world: World, project: Project, pipeline: Pipeline) {
  return {
    ...pipelineShort(world, project, pipeline),
    before_sha: '0'.repeat(40),
    tag: false,
    yaml_errors: null,
    user: personViewById(world, pipeline.personId),
    started_at: pipeline.createdAt,
    finished_at: pipeline.finishedAt,
    committed_at: null,
    duration: seconds(pipeline.createdAt, pipeline.finishedAt),
    queued_duration: 0,
    coverage: null,
    detailed_status: { text: pipeline.status, label: pipeline.status, group: pipeline.status },
  }
}

/** A job. */
export function jobView(world: World, project: Project, pipeline: Pipeline, job: Job) {
  return {
    id: job.id,
    status: job.status,
    stage: job.stage,
    name: job.name,
    ref: apiRef(world, pipeline),
    tag: false,
    coverage: null,
    allow_failure: job.allowFailure,
    created_at: job.createdAt,
    started_at: job.startedAt,
    finished_at: job.finishedAt,
    erased_at: null,
    duration: job.startedAt === null ? null : seconds(job.startedAt, job.finishedAt),
    queued_duration: 0,
    ...(job.failureReason === null ? {} : { failure_reason: job.failureReason }),
    user: personViewById(world, job.personId),
    commit: { id: pipeline.sha, short_id: pipeline.sha.slice(0, 8) },
    pipeline: pipelineShort(world, project, pipeline),
    web_url: `${world.url}/${fullPath(project)}/-/jobs/${job.id}`,
    project: { ci_job_token_scope_enabled: false },
    artifacts: [],
    runner: null,
    artifacts_expire_at: null,
    archived: false,
    tag_list: [],
  }
}

/** The page of a pipeline. */
export function pipelineUrl(world: World, project: Project, pipeline: Pipeline): string {
  return `${world.url}/${fullPath(project)}/-/pipelines/${pipeline.id}`
}

/** The merge request that a pipeline is of; undefined for a branch's. */
export function mergeRequestOf(world: World, { mergeRequestId }: Pipeline): MergeRequest | undefined {
  return mergeRequestId === null ? undefined : world.mergeRequests.get(mergeRequestId)
}

/** Whole seconds between two times; null while it goes on. */
export function seconds(from: Time, to: Time | null): number | null {
  return to === null ? null : Math.round((Date.parse(to) - Date.parse(from)) / 1000)
}

/** `refs/merge-requests/1/head` for the pipeline of a merge request. */
function apiRef(world: World, pipeline: Pipeline): string {
  const merge = mergeRequestOf(world, pipeline)
  return merge === undefined ? pipeline.ref : `refs/merge-requests/${merge.iid}/head`
}
