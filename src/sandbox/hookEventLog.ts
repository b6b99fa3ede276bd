import { randomUUID } from 'node:crypto'
import type { Project } from './entities.ts'
import { alertStatus } from './hookHealth.ts'
import type { Hook, HookEvent, HookFlag } from './hookRows.ts'
import { now, type World } from './world.ts'

const headers: Record<HookFlag, string> = {
  push_events: 'Push Hook',
  tag_push_events: 'Tag Push Hook',
  issues_events: 'Issue Hook',
  confidential_issues_events: 'Confidential Issue Hook',
  note_events: 'Note Hook',
  confidential_note_events: 'Confidential Note Hook',
  merge_requests_events: 'Merge Request Hook',
  emoji_events: 'Emoji Hook',
  job_events: 'Job Hook',
  pipeline_events: 'Pipeline Hook',
  wiki_page_events: 'Wiki Page Hook',
  deployment_events: 'Deployment Hook',
  releases_events: 'Release Hook',
  milestone_events: 'Milestone Hook',
  feature_flag_events: 'Feature Flag Hook',
  resource_access_token_events: 'Resource Access Token Hook',
}

/** Writes down one event for every hook of the project that asked for it and is not switched off, and gives their ids. */
export function recordEvents(world: World, flag: HookFlag, project: Project, payload: object): number[] {
  const hooks = world.hooks.filter(
    (hook) => hook.projectId === project.id && hook.flags[flag] && alertStatus(hook) === 'executable',
  )
  return hooks.map((hook) => recordEvent(world, hook, flag, payload).id)
}

/** Writes down one event for one hook. */
export function recordEvent(world: World, hook: Hook, flag: HookFlag, payload: object): HookEvent {
  return world.hookEvents.insert({
    hookId: hook.id,
    projectId: hook.projectId,
    flag,
    header: headers[flag],
    key: randomUUID(),
    body: escaped(payload),
    ...unsent(hook),
  })
}

/** The same event once more: each request has an entry of its own in the log. With `fresh` it has another key. */
export function repeatEvent(world: World, hook: Hook, event: HookEvent, fresh: boolean): HookEvent {
  const { id: _, ...fields } = event
  return world.hookEvents.insert({ ...fields, ...unsent(hook), key: fresh ? randomUUID() : event.key })
}

function unsent(hook: Hook) {
  return {
    url: hook.url,
    createdAt: now(),
    status: 'pending',
    requestHeaders: {},
    responseHeaders: {},
    responseBody: '',
    duration: 0,
  } as const
}

/** JSON as Rails writes it: these characters are escaped, so that only the raw bytes verify. */
function escaped(payload: object): string {
  return JSON.stringify(payload).replace(
    /[&<>\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
