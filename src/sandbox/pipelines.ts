import { z } from 'zod'
import { findProject, findProjectFor, roles } from './access.ts'
import { type Call, created, ok, type Routes } from './call.ts'
import type { Project } from './entities.ts'
import { Flag, Names } from './fields.ts'
import { branchTip } from './gitFacts.ts'
import { findMergeRequest } from './mergeRequests.ts'
import { paginated } from './pagination.ts'
import { retryPipeline } from './pipelineChanges.ts'
import { pipelinesOf } from './pipelineLookup.ts'
import { ciStatuses, type Job, type Pipeline } from './pipelineRows.ts'
import { jobView, pipelineShort, pipelineView } from './pipelineViews.ts'
import { forbidden, notFound } from './refusal.ts'

const Time = z.iso.datetime({ offset: true }).optional()
const Filters = z.object({
  ref: z.string().optional(),
  sha: z.string().optional(),
  status: z.enum(ciStatuses).optional(),
  source: z.string().optional(),
  username: z.string().optional(),
  updated_after: Time,
  updated_before: Time,
  order_by: z.enum(['id', 'status', 'ref', 'updated_at', 'user_id']).default('id'),
  sort: z.enum(['asc', 'desc']).default('desc'),
})
const Scope = z.object({ scope: Names.optional(), include_retried: Flag.default(false) })

/** Pipelines and their jobs: list, get, logs, retry. They are made by the sandbox's own controls. */
export function pipelineRoutes(on: Routes): void {
  const path = '/projects/:id/pipelines'
  on('get', path, (call) => list(call))
  on('get', `${path}/latest`, async (call) => {
    const project = findProject(call)
    const { ref = project.defaultBranch } = call.input(Filters)
    const tip = await branchTip(call.world, project, ref)
    const latest = call.world.pipelines
      .filter((row) => row.projectId === project.id && row.ref === ref && row.sha === tip)
      .at(-1)
    // Documented: 403, not 404, when the newest commit has none.
    if (latest === undefined) throw forbidden()
    return ok(pipelineView(call.world, project, latest))
  })
  on('get', `${path}/:pipeline_id`, (call) => {
    const { project, pipeline } = find(call)
    return ok(pipelineView(call.world, project, pipeline))
  })
  on('get', `${path}/:pipeline_id/jobs`, (call) => {
    const { project, pipeline } = find(call)
    const { scope, include_retried } = call.input(Scope)
    const jobs = call.world.jobs.filter(
      (job) =>
        job.pipelineId === pipeline.id && (include_retried || !job.retried) && (scope?.includes(job.status) ?? true),
    )
    return paginated(call, jobs.reverse(), (job) => jobView(call.world, project, pipeline, job))
  })
  on('post', `${path}/:pipeline_id/retry`, async (call) => {
    const { project, deed } = findProjectFor(call, roles.developer)
    const after = await retryPipeline(deed, project, find(call).pipeline)
    return created(pipelineView(call.world, project, after))
  })
  on('get', '/projects/:id/jobs/:job_id', (call) => {
    const { project, pipeline, job } = findJob(call)
    return ok(jobView(call.world, project, pipeline, job))
  })
  on('get', '/projects/:id/jobs/:job_id/trace', (call) => {
    const { job } = findJob(call)
    const headers = { 'content-disposition': `infile; filename="${job.id}.log"` }
    return { status: 200, body: job.trace, type: 'text/plain', headers }
  })
  on('get', '/projects/:id/merge_requests/:iid/pipelines', (call) => {
    const { project, row } = findMergeRequest(call)
    const found = pipelinesOf(call.world, row).reverse()
    return paginated(call, found, (pipeline) => pipelineShort(call.world, project, pipeline))
  })
}

function list(call: Call) {
  const { world } = call
  const project = findProject(call)
  const filters = call.input(Filters)
  const after = (time: string, limit: string | undefined) => limit === undefined || Date.parse(time) > Date.parse(limit)
  const found = world.pipelines.filter(
    (row) =>
      row.projectId === project.id &&
      (filters.ref === undefined || pipelineShort(world, project, row).ref === filters.ref) &&
      (filters.sha ?? row.sha) === row.sha &&
      (filters.status ?? row.status) === row.status &&
      (filters.source ?? row.source) === row.source &&
      (filters.username === undefined || world.people.get(row.personId)?.username === filters.username) &&
      after(row.updatedAt, filters.updated_after) &&
      (filters.updated_before === undefined || !after(row.updatedAt, filters.updated_before)),
  )
  const key = (row: Pipeline) =>
    ({ id: row.id, status: row.status, ref: row.ref, updated_at: row.updatedAt, user_id: row.personId })[
      filters.order_by
    ]
  found.sort((one, other) => (key(one) < key(other) ? -1 : key(one) > key(other) ? 1 : one.id - other.id))
  const ordered = filters.sort === 'asc' ? found : found.reverse()
  return paginated(call, ordered, (row) => pipelineShort(world, project, row))
}

function find(call: Call): { project: Project; pipeline: Pipeline } {
  const project = findProject(call)
  const pipeline = call.world.pipelines.get(Number(call.param('pipeline_id')))
  if (pipeline === undefined || pipeline.projectId !== project.id) throw notFound()
  return { project, pipeline }
}

function findJob(call: Call): { project: Project; pipeline: Pipeline; job: Job } {
  const project = findProject(call)
  const job = call.world.jobs.get(Number(call.param('job_id')))
  const pipeline = job === undefined ? undefined : call.world.pipelines.get(job.pipelineId)
  if (job === undefined || pipeline === undefined || job.projectId !== project.id) throw notFound()
  return { project, pipeline, job }
}
