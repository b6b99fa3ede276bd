import type { Project } from './entities.ts'
import { lastCommit } from './gitFacts.ts'
import { detailedMergeStatus, projectPart, stamp, userPart } from './payloadParts.ts'
import { jobsOf } from './pipelineLookup.ts'
import type { Job, Pipeline } from './pipelineRows.ts'
import { mergeRequestOf, pipelineUrl, seconds } from './pipelineViews.ts'
import type { Deed, World } from './world.ts'

/**
 * Pipeline Hook. `ref` is the branch also for the pipeline of a merge request (`source_ref` in GitLab's builder), and
 * `merge_request` is null for a branch's.
 */
export async function tellPipeline(deed: Deed, project: Project, pipeline: Pipeline): Promise<void> {
  const { world } = deed
  const jobs = jobsOf(world, pipeline)
  const person = world.people.get(pipeline.personId)
  const commit = await lastCommit(world, project, pipeline.sha)
  const url = pipelineUrl(world, project, pipeline)
  deed.tell('pipeline_events', project, {
    object_kind: 'pipeline',
    object_attributes: {
      id: pipeline.id,
      iid: pipeline.iid,
      name: null,
      ref: pipeline.ref,
      tag: false,
      sha: pipeline.sha,
      before_sha: '0'.repeat(40),
      source: pipeline.source,
      status: pipeline.status,
      detailed_status: pipeline.status === 'success' ? 'passed' : pipeline.status,
      stages: [...new Set(jobs.map((job) => job.stage))],
      created_at: stamp(pipeline.createdAt),
      finished_at: stamp(pipeline.finishedAt),
      duration: seconds(pipeline.createdAt, pipeline.finishedAt),
      queued_duration: 0,
      protected_ref: false,
      variables: [],
      url,
    },
    merge_request: mergeRequestPart(world, pipeline),
    user: person === undefined ? null : userPart(person),
    project: projectPart(world, project),
    commit: {
      ...commit,
      title: commit.message.split('\n')[0] ?? '',
      url: `${url.slice(0, url.indexOf('/-/'))}/-/commit/${commit.id}`,
    },
    builds: jobs.map((job) => jobPart(world, job)),
  })
}

function mergeRequestPart(world: World, pipeline: Pipeline) {
  const merge = mergeRequestOf(world, pipeline)
  const project = merge === undefined ? undefined : world.projects.get(merge.projectId)
  if (merge === undefined || project === undefined) return null
  return {
    id: merge.id,
    iid: merge.iid,
    title: merge.title,
    source_branch: merge.sourceBranch,
    source_project_id: merge.projectId,
    target_branch: merge.targetBranch,
    target_project_id: merge.projectId,
    state: merge.state,
    merge_status: merge.conflicts ? 'cannot_be_merged' : 'can_be_merged',
    detailed_merge_status: detailedMergeStatus(merge),
    url: `${projectPart(world, project).web_url}/-/merge_requests/${merge.iid}`,
  }
}

function jobPart(world: World, job: Job) {
  const person = world.people.get(job.personId)
  return {
    id: job.id,
    stage: job.stage,
    name: job.name,
    status: job.status,
    created_at: stamp(job.createdAt),
    started_at: stamp(job.startedAt),
    finished_at: stamp(job.finishedAt),
    duration: job.startedAt === null ? null : seconds(job.startedAt, job.finishedAt),
    queued_duration: 0,
    failure_reason: job.status === 'failed' ? job.failureReason : null,
    when: 'on_success',
    manual: job.status === 'manual',
    allow_failure: job.allowFailure,
    user: person === undefined ? null : userPart(person),
    runner: null,
    artifacts_file: { filename: null, size: null },
    environment: null,
  }
}
