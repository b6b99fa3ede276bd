/** A pipeline, the jobs that fail in it, and what they say. */

import { z } from 'zod'
import type { FoundPipeline } from '../tasks/receive.ts'
import { type GitLab, goneIfRefused } from './client.ts'

const pipelineSchema = z.object({
  id: z.number(),
  status: z.string(),
  ref: z.string(),
  sha: z.string(),
  web_url: z.string(),
})
const jobSchema = z.object({
  id: z.number(),
  name: z.string(),
  status: z.string(),
  allow_failure: z.boolean().nullish(),
})

type Job = z.infer<typeof jobSchema>

export async function findPipeline(gitlab: GitLab, projectId: number, id: number): Promise<FoundPipeline | 'gone'> {
  const found = await goneIfRefused(gitlab.pipelines.show(projectId, id))
  if (found === 'gone') return 'gone'
  const { status, ref, sha, web_url: url } = pipelineSchema.parse(found)
  return {
    id,
    url,
    branch: await branchOf(gitlab, projectId, ref),
    commit: sha,
    failed: status === 'failed',
    jobs: (await failedJobs(gitlab, projectId, id)).map(({ name }) => name),
    async failsOn(branch) {
      const [newest] = await newestPipelines(gitlab, projectId, branch)
      return newest === undefined ? [] : (await failedJobs(gitlab, projectId, newest)).map(({ name }) => name)
    },
  }
}

/** The pipeline of a merge request runs on a name of its own; the branch is the merge request's. */
async function branchOf(gitlab: GitLab, projectId: number, ref: string): Promise<string> {
  const iid = /^refs\/merge-requests\/(\d+)\/head$/.exec(ref)?.[1]
  if (iid === undefined) return ref
  const found = await goneIfRefused(gitlab.mergeRequests.show(projectId, Number(iid)))
  return found === 'gone' ? ref : found.source_branch
}

/** The pipelines that have ended, the newest first. */
async function newestPipelines(gitlab: GitLab, projectId: number, ref: string): Promise<readonly number[]> {
  const found = await goneIfRefused(
    gitlab.pipelines.all(projectId, { ref, scope: 'finished', perPage: 1, maxPages: 1 }),
  )
  return found === 'gone'
    ? []
    : z
        .array(pipelineSchema)
        .parse(found)
        .map(({ id }) => id)
}

async function failedJobs(gitlab: GitLab, projectId: number, pipelineId: number): Promise<readonly Job[]> {
  const found = await goneIfRefused(
    gitlab.jobs.all(projectId, { pipelineId, scope: 'failed', perPage: 100, maxPages: 1 }),
  )
  if (found === 'gone') return []
  return z
    .array(jobSchema)
    .parse(found)
    .filter((job) => job.allow_failure !== true)
}

/** Bytes of each log's end, and jobs, that an agent is shown. */
const TAIL = 8_000
const MOST_JOBS = 5

/** What the failed jobs said last. */
export async function failedJobTails(
  gitlab: GitLab,
  projectId: number,
  pipelineId: number,
): Promise<readonly { readonly job: string; readonly tail: string }[]> {
  const jobs = (await failedJobs(gitlab, projectId, pipelineId)).slice(0, MOST_JOBS)
  return Promise.all(
    jobs.map(async ({ id, name }) => {
      const trace = await goneIfRefused(gitlab.jobs.showLog(projectId, id))
      return { job: name, tail: trace === 'gone' ? '' : String(trace).slice(-TAIL) }
    }),
  )
}
