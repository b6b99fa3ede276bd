/** A pipeline that failed on what the agent pushed → a task that repairs it, at most so often, and not what fails elsewhere too. */

import { chainOf } from './chains.ts'
import type { PipelineDelivery } from './delivery.ts'
import type { Entry, Saying } from './entry.ts'
import { newTask } from './newTask.ts'
import { type FoundPipeline, ignored, keep, type Received, type ReceiveNeeds } from './receive.ts'
import { isFinal, type Task, type Thread } from './task.ts'
import { taskId } from './taskId.ts'

export async function fromPipeline(
  { projectId, pipelineId }: PipelineDelivery,
  needs: ReceiveNeeds,
): Promise<Received> {
  const id = taskId(projectId, 'pipeline', pipelineId)
  if (await needs.exists(id)) return { received: 'known', id }
  const pipeline = await needs.pipeline(projectId, pipelineId)
  if (pipeline === 'gone' || !pipeline.failed) return ignored('the pipeline has not failed, or is gone')
  const last = await needs.lastOnBranch(projectId, pipeline.branch)
  if (last === undefined) return ignored('its branch is none of ours')
  if (!isFinal(last.state)) return ignored('its branch is being worked on')
  if ((await newestPush(last, needs)) !== pipeline.commit) return ignored('its commit was not pushed by us')
  if (last.mergeRequest === undefined) return ignored('its branch has no merge request')
  return keep(await entryFor(id, pipeline, last, last.mergeRequest.iid, needs), needs)
}

async function entryFor(
  id: string,
  pipeline: FoundPipeline,
  last: Task,
  iid: number,
  needs: ReceiveNeeds,
): Promise<Entry | string> {
  const { projectId } = last.thread
  const thread: Thread = { projectId, on: 'merge_request', iid, internal: false }
  const [project, subject] = await Promise.all([needs.project(projectId), needs.subject(thread)])
  if (project === 'gone' || project.archived || project.defaultBranch === undefined) return 'the project is gone'
  if (subject === 'gone' || !subject.open) return 'its merge request is closed'
  const ways = await needs.ways(projectId)
  const permission = await needs.permission(projectId, last.asker, ways.who)
  if (!permission.may) return 'who asked for the change may not ask any more'
  const { id: number, url, jobs } = pipeline
  const about = { id: number, url, jobs }
  const answer = (saying: Saying): Entry => ({
    kind: 'answer',
    id,
    thread,
    to: last.asker,
    saying,
    trigger: ways.trigger,
    createdAt: needs.now(),
    done: false,
  })
  if (ways.pipelineTries === 0) return 'here pipelines are not repaired'
  if (jobs.length === 0) return 'no job of its own has failed'
  const elsewhere = await pipeline.failsOn(last.base)
  const own = jobs.filter((job) => !elsewhere.includes(job))
  if (own.length === 0) return answer({ say: 'pipeline-is-the-bases', pipeline: about, base: last.base })
  const tries = await triesBefore(last, needs)
  if (tries >= ways.pipelineTries) return answer({ say: 'pipeline-given-up', pipeline: about, tries })
  return newTask({
    id,
    occasion: 'pipeline',
    askedAt: needs.now(),
    thread,
    asker: last.asker,
    level: permission.level,
    wish: {
      prompt: `Pipeline ${number} of your last push failed in ${own.join(', ')}. Find out why, and repair it.`,
      mode: 'do',
    },
    repository: project.path,
    defaultBranch: project.defaultBranch,
    subject,
    ways,
    chain: chainOf(last),
    now: needs.now(),
  })
}

/** The commit that the chain pushed last: a question between pushes nothing. */
async function newestPush(last: Task, needs: ReceiveNeeds): Promise<string | undefined> {
  let task: Entry | undefined = last
  while (task?.kind === 'task') {
    const commit: string | undefined = task.end?.outcome?.pushed?.commit
    if (commit !== undefined) return commit
    task = task.continues === undefined ? undefined : await needs.get(task.continues)
  }
  return undefined
}

/** How many of the chain's newest tasks were repairs already: what a person asks for begins the count anew. */
async function triesBefore(last: Task, needs: ReceiveNeeds): Promise<number> {
  let tries = 0
  for (let task: Entry | undefined = last; task?.kind === 'task' && task.occasion === 'pipeline'; tries++) {
    task = task.continues === undefined ? undefined : await needs.get(task.continues)
  }
  return tries
}
