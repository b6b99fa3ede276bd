import { z } from 'zod'
import { findProjectFor, roles } from './access.ts'
import { type Call, created, gone, ok, type Routes } from './call.ts'
import type { Project } from './entities.ts'
import { Flag } from './fields.ts'
import { alertStatus } from './hookHealth.ts'
import { type Hook, type HookFlag, hookFlags } from './hookRows.ts'
import { paginated } from './pagination.ts'
import { notFound, Refusal } from './refusal.ts'
import { now, type World } from './world.ts'

const Flags = z.object({
  push_events: Flag,
  tag_push_events: Flag,
  issues_events: Flag,
  confidential_issues_events: Flag,
  note_events: Flag,
  confidential_note_events: Flag,
  merge_requests_events: Flag,
  emoji_events: Flag,
  job_events: Flag,
  pipeline_events: Flag,
  wiki_page_events: Flag,
  deployment_events: Flag,
  releases_events: Flag,
  milestone_events: Flag,
  feature_flag_events: Flag,
  resource_access_token_events: Flag,
} satisfies Record<HookFlag, z.ZodType<boolean>>)

const Settings = Flags.partial().extend({
  url: z.string(),
  name: z.string().optional(),
  description: z.string().optional(),
  token: z.string().optional(),
  signing_token: z.string().optional(),
  enable_ssl_verification: Flag.optional(),
})

/** Webhooks of a project, for Maintainers. */
export function hookRoutes(on: Routes): void {
  const path = '/projects/:id/hooks'
  on('get', path, (call) => {
    const project = projectOf(call)
    const hooks = call.world.hooks.filter((hook) => hook.projectId === project.id)
    return paginated(call, hooks, hookView)
  })
  on('get', `${path}/:hook_id`, (call) => ok(hookView(findHook(call))))
  on('post', path, (call) => created(hookView(create(call.world, projectOf(call), call.input(Settings)))))
  on('put', `${path}/:hook_id`, (call) => {
    const hook = findHook(call)
    return ok(hookView(change(call.world, hook, call.input(Settings))))
  })
  on('delete', `${path}/:hook_id`, (call) => {
    call.world.hooks.delete(findHook(call).id)
    return gone
  })
}

function projectOf(call: Call): Project {
  return findProjectFor(call, roles.maintainer).project
}

/** The hook that the path names; 404 otherwise. */
export function findHook(call: Call): Hook {
  const project = projectOf(call)
  const hook = call.world.hooks.get(Number(call.param('hook_id')))
  if (hook === undefined || hook.projectId !== project.id) throw notFound('Project Hook')
  return hook
}

/** Push events are on unless they are switched off; everything else the other way round. */
function create(world: World, project: Project, fields: z.infer<typeof Settings>): Hook {
  requireUrl(fields.url)
  requireSigningToken(fields.signing_token)
  return world.hooks.insert({
    projectId: project.id,
    url: fields.url,
    name: fields.name ?? null,
    description: fields.description ?? null,
    token: fields.token ?? null,
    signingToken: fields.signing_token ?? null,
    flags: Flags.parse(Object.fromEntries(hookFlags.map((flag) => [flag, fields[flag] ?? flag === 'push_events']))),
    sslVerification: fields.enable_ssl_verification ?? true,
    failures: 0,
    disabledUntil: null,
    createdAt: now(),
  })
}

/** A new address loses the secret token that was set for the old one. */
function change(world: World, hook: Hook, fields: z.infer<typeof Settings>): Hook {
  requireUrl(fields.url)
  requireSigningToken(fields.signing_token)
  const kept = fields.url === hook.url ? hook.token : null
  return world.hooks.update(hook.id, {
    url: fields.url,
    name: fields.name ?? hook.name,
    description: fields.description ?? hook.description,
    token: fields.token ?? kept,
    signingToken: fields.signing_token ?? hook.signingToken,
    flags: Flags.parse(Object.fromEntries(hookFlags.map((flag) => [flag, fields[flag] ?? hook.flags[flag]]))),
    sslVerification: fields.enable_ssl_verification ?? hook.sslVerification,
    failures: 0,
    disabledUntil: null,
  })
}

function requireUrl(url: string): void {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new Refusal(422, { error: 'Invalid url given' })
}

function requireSigningToken(token: string | undefined): void {
  if (token !== undefined && !/^whsec_[A-Za-z0-9+/]{43}=$/.test(token)) {
    throw new Refusal(422, { message: { signing_token: ['is invalid'] } })
  }
}

function hookView(hook: Hook) {
  return {
    id: hook.id,
    url: hook.url,
    name: hook.name,
    description: hook.description,
    project_id: hook.projectId,
    ...hook.flags,
    push_events_branch_filter: null,
    branch_filter_strategy: 'all_branches',
    enable_ssl_verification: hook.sslVerification,
    repository_update_events: false,
    alert_status: alertStatus(hook),
    disabled_until: hook.disabledUntil,
    url_variables: [],
    custom_webhook_template: null,
    custom_headers: [],
    token_present: hook.token !== null,
    signing_token_present: hook.signingToken !== null,
    created_at: hook.createdAt,
  }
}
