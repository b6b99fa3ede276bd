/** Codex's settings as arguments: `-c key=value`, the value in TOML. Pure. */

import type { Job, ToolServer } from './agent.ts'

/** Holds the credential for the model and for tools: it is in no argument and no file. */
export const CREDENTIAL = 'ERRAND_MODEL_CREDENTIAL'

/** Bytes of the repository's AGENTS.md that are read; of more than 32 KB Codex itself would leave out the rest. */
const INSTRUCTIONS = 1024 * 1024

/** For either kind of work: the door is the only address there is. */
export function settings({ start, request, tools }: Job): string[] {
  // Whatever Codex waits for itself ends before its silence would be taken for the end of the whole run.
  const longest = Math.round(request.limits.stuck * 0.9)
  const provider = {
    name: 'Errand',
    base_url: `${start.door}/v1/model/openai/v1`,
    env_key: CREDENTIAL,
    wire_api: 'responses',
    supports_websockets: false,
    stream_idle_timeout_ms: Math.min(300_000, longest * 500),
  }
  return [
    ...set('model_provider', 'errand'),
    ...set('model_providers.errand', provider),
    ...set('web_search', 'disabled'),
    // Its own skills: they make pictures and install what is elsewhere, and `$imagegen` in a prompt would call one.
    ...set('skills.bundled.enabled', false),
    ...set('analytics.enabled', false),
    ...set('check_for_update_on_startup', false),
    ...set('project_doc_fallback_filenames', ['CLAUDE.md']),
    ...set('project_doc_max_bytes', INSTRUCTIONS),
    // Commands find the credential where the agent's git needs it, and not here too.
    ...set('shell_environment_policy.exclude', [CREDENTIAL, 'RUST_LOG']),
    ...tools.flatMap((tool) => set(`mcp_servers.${tool.name}`, entry(tool, longest))),
    // Plugins come from elsewhere; a snapshot of the shell writes its environment into a file; without the last it would
    // try to reach the door for as long as it is away.
    ...['plugins', 'shell_snapshot', 'unbounded_connection_retries'].flatMap((feature) => ['--disable', feature]),
  ]
}

/**
 * For a plan: nothing can be written but git's objects, as the clone fetches old contents when somebody looks. Codex's own
 * read-only mode has no network, so `git log -p` would fail in it.
 */
export const READING: readonly string[] = [
  ...set('approval_policy', 'never'),
  ...set('default_permissions', 'plan'),
  ...set('permissions.plan', {
    extends: ':read-only',
    network: { enabled: true },
    filesystem: { ':project_roots': { '.git/objects': 'write' } },
  }),
]

function entry(tool: ToolServer, longest: number): Values {
  const common = { tool_timeout_sec: longest, default_tools_approval_mode: 'approve' }
  if ('url' in tool) return { url: tool.url, bearer_token_env_var: CREDENTIAL, ...common }
  const [command = '', ...args] = tool.command
  return { command, args, env: tool.env, ...common }
}

type Value = string | number | boolean | readonly string[] | Values
type Values = { readonly [key: string]: Value }

function set(key: string, value: Value): string[] {
  return ['-c', `${key}=${toml(value)}`]
}

/** Strings and lists of strings are written in TOML as they are in JSON. */
function toml(value: Value): string {
  if (typeof value !== 'object' || Array.isArray(value)) return JSON.stringify(value)
  return `{${Object.entries(value)
    .map(([key, one]) => `${JSON.stringify(key)}=${toml(one)}`)
    .join(',')}}`
}
