import type { Person, Project } from './entities.ts'
import { jobsOf } from './pipelineLookup.ts'
import { tellPipeline } from './pipelinePayload.ts'
import type { CiStatus, Job, Pipeline } from './pipelineRows.ts'
import { type Deed, now, type World } from './world.ts'

/** A job as it is asked for. */
export type JobWish = Pick<Job, 'name' | 'stage' | 'status' | 'allowFailure' | 'failureReason' | 'trace'>

/** What a pipeline's jobs make of it. A failure that is allowed is none. */
export function statusOf(jobs: readonly Pick<Job, 'status' | 'allowFailure'>[]): CiStatus {
  const some = (status: CiStatus) => jobs.some((job) => job.status === status)
  if (some('running')) return 'running'
  if (some('pending')) return some('success') || some('failed') ? 'running' : 'pending'
  if (some('created')) return jobs.every((job) => job.status === 'created') ? 'created' : 'running'
  if (jobs.some((job) => job.status === 'failed' && !job.allowFailure)) return 'failed'
  if (some('canceled')) return 'canceled'
  return jobs.length > 0 && jobs.every((job) => job.status === 'skipped') ? 'skipped' : 'success'
}

/** A new pipeline with its jobs; the hook is told of it. */
export async function addPipeline(
  deed: Deed,
  project: Project,
  fields: Pick<Pipeline, 'ref' | 'sha' | 'source' | 'mergeRequestId'>,
  jobs: readonly JobWish[],
): Promise<Pipeline> {
  const { world, person } = deed
  const time = now()
  const status = statusOf(jobs)
  const siblings = world.pipelines.filter((row) => row.projectId === project.id)
  const pipeline = world.pipelines.insert({
    ...fields,
    iid: siblings.length + 1,
    projectId: project.id,
    personId: person.id,
    status,
    createdAt: time,
    updatedAt: time,
    finishedAt: isOver(status) ? time : null,
  })
  for (const job of jobs) addJob(world, pipeline, person, job)
  await tellPipeline(deed, project, pipeline)
  return pipeline
}

/** Makes the pipeline's status that of its jobs; the hook is told when it is another one. */
export async function settlePipeline(deed: Deed, project: Project, pipeline: Pipeline): Promise<Pipeline> {
  const { world } = deed
  const status = statusOf(jobsOf(world, pipeline))
  const time = now()
  const patch = { status, updatedAt: time, finishedAt: isOver(status) ? time : null }
  const after = world.pipelines.update(pipeline.id, patch)
  if (status !== pipeline.status) await tellPipeline(deed, project, after)
  return after
}

/** Runs what failed or was canceled once more: new jobs of the same names, which wait. */
export async function retryPipeline(deed: Deed, project: Project, pipeline: Pipeline): Promise<Pipeline> {
  const { world, person } = deed
  for (const job of jobsOf(world, pipeline)) {
    if (job.status !== 'failed' && job.status !== 'canceled') continue
    world.jobs.update(job.id, { retried: true })
    addJob(world, pipeline, person, { ...job, status: 'pending', failureReason: null, trace: '' })
  }
  return settlePipeline(deed, project, pipeline)
}

/** What a status means for a job's times and reason. */
export function jobPatch(status: CiStatus, job?: Job): Pick<Job, 'status' | 'startedAt' | 'finishedAt'> {
  const time = now()
  const waits = status === 'created' || status === 'pending' || status === 'manual' || status === 'skipped'
  return {
    status,
    startedAt: waits ? null : (job?.startedAt ?? time),
    finishedAt: isOver(status) && !waits ? time : null,
  }
}

function addJob(world: World, pipeline: Pipeline, person: Person, wish: JobWish): void {
  const { name, stage, allowFailure, trace, status } = wish
  world.jobs.insert({
    pipelineId: pipeline.id,
    projectId: pipeline.projectId,
    personId: person.id,
    name,
    stage,
    allowFailure,
    trace,
    failureReason: status === 'failed' ? (wish.failureReason ?? 'script_failure') : null,
    retried: false,
    createdAt: now(),
    ...jobPatch(status),
  })
}

function isOver(status: CiStatus): boolean {
  return status === 'success' || status === 'failed' || status === 'canceled' || status === 'skipped'
}
