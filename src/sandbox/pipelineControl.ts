import express, { type Response, type Router } from 'express'
import { z } from 'zod'
import { projectNamed } from './access.ts'
import { read } from './controlInput.ts'
import type { Deliveries } from './deliveries.ts'
import type { Person, Project } from './entities.ts'
import { branchTip, resolveCommit } from './gitFacts.ts'
import { recordEvents } from './hookEventLog.ts'
import { addPipeline, jobPatch, settlePipeline } from './pipelineChanges.ts'
import { jobsOf } from './pipelineLookup.ts'
import { ciStatuses, type Pipeline } from './pipelineRows.ts'
import { jobView, pipelineView } from './pipelineViews.ts'
import type { Deed, World } from './world.ts'

const Job = z.strictObject({
  name: z.string().min(1),
  stage: z.string().min(1).default('test'),
  status: z.enum(ciStatuses).default('success'),
  allow_failure: z.boolean().default(false),
  failure_reason: z.string().optional(),
  trace: z.string().default(''),
})
const Creation = z.strictObject({
  project: z.union([z.string(), z.number()]).describe('path or number'),
  ref: z.string().min(1).describe('the branch'),
  sha: z.string().optional().describe("the branch's newest commit unless said otherwise"),
  source: z.string().optional(),
  merge_request: z.number().int().optional().describe('its number within the project, for a merge request pipeline'),
  user: z.string().optional().describe('who caused it; whoever pushed to the branch last unless said otherwise'),
  jobs: z.array(Job).min(1),
})
const Change = z.strictObject({
  jobs: z.array(
    z.strictObject({
      name: z.string(),
      status: z.enum(ciStatuses).optional(),
      failure_reason: z.string().optional(),
      trace: z.string().optional(),
    }),
  ),
})

/** Makes pipelines, and lets their jobs go on: nothing runs here. The hook is told of each change of status. */
export function controlPipelines(router: Router, world: World, deliveries: Deliveries): void {
  router.post('/pipelines', express.json(), async (req, res) => {
    const wish = read(res, Creation, req.body)
    if (wish === undefined) return
    const root = world.people.find((row) => row.admin)
    const project = projectNamed(world, root, String(wish.project))
    if (project === undefined) return refuse(res, 'There is no such project.')
    const person =
      wish.user === undefined
        ? (pusherOf(world, project, wish.ref) ?? root)
        : world.people.find((row) => row.username === wish.user)
    if (person === undefined) return refuse(res, 'There is no such user.')
    const merge = world.mergeRequests.find((row) => row.projectId === project.id && row.iid === wish.merge_request)
    const sha =
      wish.sha === undefined ? await branchTip(world, project, wish.ref) : await resolveCommit(world, project, wish.sha)
    if (sha === undefined) return refuse(res, 'There is no such commit.')
    const source = wish.source ?? (merge === undefined ? 'push' : 'merge_request_event')
    const fields = { ref: wish.ref, sha, source, mergeRequestId: merge?.id ?? null }
    const jobs = wish.jobs.map(({ allow_failure, failure_reason, ...job }) => {
      return { ...job, allowFailure: allow_failure, failureReason: failure_reason ?? null }
    })
    await done(world, deliveries, person, async (deed) => {
      const pipeline = await addPipeline(deed, project, fields, jobs)
      res.status(201).json(shown(world, project, pipeline))
    })
  })
  router.put('/pipelines/:id', express.json(), async (req, res) => {
    const wish = read(res, Change, req.body)
    if (wish === undefined) return
    const pipeline = world.pipelines.get(Number(req.params.id))
    const project = pipeline === undefined ? undefined : world.projects.get(pipeline.projectId)
    const person = pipeline === undefined ? undefined : world.people.get(pipeline.personId)
    if (pipeline === undefined || project === undefined || person === undefined) {
      return refuse(res, 'There is no such pipeline.')
    }
    for (const { name, status, failure_reason, trace } of wish.jobs) {
      const job = jobsOf(world, pipeline).find((row) => row.name === name)
      if (job === undefined) return refuse(res, `The pipeline has no job ${name}.`)
      const next = status ?? job.status
      const reason = next === 'failed' ? (failure_reason ?? job.failureReason ?? 'script_failure') : null
      world.jobs.update(job.id, { ...jobPatch(next, job), failureReason: reason, trace: trace ?? job.trace })
    }
    await done(world, deliveries, person, async (deed) => {
      res.json(shown(world, project, await settlePipeline(deed, project, pipeline)))
    })
  })
}

function pusherOf(world: World, project: Project, branch: string): Person | undefined {
  const ref = `refs/heads/${branch}`
  const pushes = world.activities.filter((row) => row.projectId === project.id && row.push?.ref === ref)
  return world.people.get(pushes.at(-1)?.personId ?? 0)
}

/** Does something in somebody's name, and sends what the hooks shall be told of it. */
async function done(
  world: World,
  deliveries: Deliveries,
  person: Person,
  act: (deed: Deed) => Promise<void>,
): Promise<void> {
  const outbox: number[] = []
  await act({ world, person, tell: (...event) => outbox.push(...recordEvents(world, ...event)) })
  world.flush()
  deliveries.send(outbox)
}

function shown(world: World, project: Project, pipeline: Pipeline) {
  const jobs = jobsOf(world, pipeline).map((job) => jobView(world, project, pipeline, job))
  return { ...pipelineView(world, project, pipeline), jobs }
}

function refuse(res: Response, message: string): void {
  res.status(404).json({ message })
}
