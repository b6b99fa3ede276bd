import { type Call, created, type Routes } from './call.ts'
import type { Deliveries } from './deliveries.ts'
import type { Project } from './entities.ts'
import { branchTip, pushedCommits } from './gitFacts.ts'
import { recordEvent } from './hookEventLog.ts'
import { type HookFlag, hookFlags } from './hookRows.ts'
import { findHook } from './hooks.ts'
import { findNoteable } from './noteables.ts'
import { tellIssue, tellMergeRequest, tellNote, tellPush } from './payloads.ts'
import { tellPipeline } from './pipelinePayload.ts'
import { notFound, Refusal } from './refusal.ts'
import type { Deed } from './world.ts'

/**
 * Sends something that the project has as a test; whether the hook wants such events does not matter. 422 with a sentence when
 * there is nothing to send, or the answer was not 2xx. A success switches a hook on again that was switched off.
 */
export function hookTestRoutes(on: Routes, deliveries: Deliveries): void {
  on('post', '/projects/:id/hooks/:hook_id/test/:trigger', async (call) => {
    const hook = findHook(call)
    const { world } = call
    const trigger = hookFlags.find((flag) => flag === call.param('trigger'))
    if (trigger === undefined) throw new Refusal(400, { error: 'trigger does not have a valid value' })
    world.limits.check(`test ${hook.projectId} ${call.visitor?.id}`, world.faults.limits.hookTests)
    const payload = await sample(call, trigger)
    const sent = await deliveries.sendNow(recordEvent(world, hook, trigger, payload).id)
    const good = typeof sent.status === 'number' && sent.status >= 200 && sent.status < 300
    if (!good) throw new Refusal(422, { message: sent.responseBody })
    world.hooks.update(hook.id, { failures: 0, disabledUntil: null })
    return created({ message: '201 Created' })
  })
}

/** The newest thing of its kind, told as if it had just come. */
async function sample(call: Call, trigger: HookFlag): Promise<object> {
  const { world, person } = call.deed()
  const project = world.projects.get(findHook(call).projectId)
  if (project === undefined) throw notFound('Project')
  let payload: object | undefined
  const deed: Deed = {
    world,
    person,
    tell: (_flag, _project, told) => {
      payload = told
    },
  }
  const nothing = await tellNewest(deed, project, trigger)
  if (payload === undefined) throw new Refusal(422, { message: nothing })
  return payload
}

/** Gives what is said when there was nothing to tell. */
async function tellNewest(deed: Deed, project: Project, trigger: HookFlag): Promise<string> {
  const { world } = deed
  const own = (row: { readonly projectId: number }) => row.projectId === project.id
  switch (trigger) {
    case 'note_events': {
      const note = world.notes.filter((row) => own(row) && !row.system).at(-1)
      const thing = note === undefined ? undefined : findNoteable(world, note.noteableType, note.noteableId)
      if (note !== undefined && thing !== undefined) tellNote(deed, project, thing, note, 'create')
      return 'Ensure the project has notes.'
    }
    case 'issues_events':
    case 'confidential_issues_events': {
      const issue = world.issues.filter(own).at(-1)
      if (issue !== undefined) tellIssue(deed, project, issue, 'open', {})
      return 'Ensure the project has issues.'
    }
    case 'merge_requests_events': {
      const merge = world.mergeRequests.filter(own).at(-1)
      if (merge !== undefined) tellMergeRequest(deed, project, merge, 'open', {})
      return 'Ensure the project has merge requests.'
    }
    case 'pipeline_events': {
      const pipeline = world.pipelines.filter(own).at(-1)
      if (pipeline !== undefined) await tellPipeline(deed, project, pipeline)
      return 'Ensure the project has CI pipelines.'
    }
    case 'push_events':
    case 'tag_push_events': {
      const after = await branchTip(world, project, project.defaultBranch)
      if (after !== undefined) {
        const ref = trigger === 'push_events' ? `refs/heads/${project.defaultBranch}` : 'refs/tags/v1.0.0'
        const { commits, total } = await pushedCommits(world, project, after, after)
        tellPush(deed, project, { ref, before: after, after }, commits, total)
      }
      return 'Ensure the project has at least one commit.'
    }
    case 'confidential_note_events':
    case 'emoji_events':
    case 'job_events':
    case 'wiki_page_events':
    case 'deployment_events':
    case 'releases_events':
    case 'milestone_events':
    case 'feature_flag_events':
    case 'resource_access_token_events':
      return 'Testing not available for this hook'
  }
}
