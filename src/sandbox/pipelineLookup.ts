import type { MergeRequest } from './entities.ts'
import type { Job, Pipeline } from './pipelineRows.ts'
import type { World } from './world.ts'

/** The newest pipeline of a merge request's newest commit: its own, or its branch's. */
export function headPipeline(world: World, merge: MergeRequest): Pipeline | undefined {
  return pipelinesOf(world, merge)
    .filter((row) => row.sha === merge.diffRefs.head)
    .at(-1)
}

/** All pipelines of a merge request, of any of its commits, oldest first. */
export function pipelinesOf(world: World, merge: MergeRequest): Pipeline[] {
  return world.pipelines.filter(
    (row) =>
      row.projectId === merge.projectId &&
      (row.mergeRequestId === null ? row.ref === merge.sourceBranch : row.mergeRequestId === merge.id),
  )
}

/** The jobs of a pipeline that count: those that were retried have successors. */
export function jobsOf(world: World, pipeline: Pipeline): Job[] {
  return world.jobs.filter((job) => job.pipelineId === pipeline.id && !job.retried)
}
