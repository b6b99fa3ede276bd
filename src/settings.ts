/** The YAML file that ERRAND_CONFIG names: everything structured. The schema documents every setting; durations are seconds. */

import { z } from 'zod'
import { DockerSettings } from './docker/settings.ts'
import { ModelSettings } from './door/modelSettings.ts'
import { ToolsSettings } from './door/toolsSettings.ts'
import { KEYS } from './gitlab/projectFileSchema.ts'
import { KubernetesSettings } from './kubernetes/settings.ts'

const seconds = z.number().positive()
const days = z.number().positive()

export const Settings = z
  .strictObject({
    trigger: z
      .string()
      .regex(/^\/[\w-]+$/, 'a slash and a word, as /agent')
      .default('/agent')
      .describe('What a command begins with.'),
    agent: z
      .strictObject({
        name: z
          .enum(['claude', 'codex', 'opencode', 'gemini', 'custom', 'rehearsal'])
          .default('claude')
          .describe('The agent that does the work.'),
        command: z
          .array(z.string().min(1))
          .min(1)
          .optional()
          .describe(
            'The program and its arguments of the agent `custom`, in the image (runtime/README.md, clause 11).',
          ),
        model: z.string().optional().describe('The model that the agent is told to use; its own choice otherwise.'),
      })
      .prefault({}),
    agents: z
      .array(z.string().min(1))
      .default([])
      .describe("The agents that a comment or a project's own file may name, besides agent.name."),
    locked: z
      .array(z.string().refine((key) => KEYS.includes(key), { error: `none of ${KEYS.join(', ')}` }))
      .default([])
      .describe('What projects may not set in their .gitlab/agent.yml: model, limits.budget; limits is all of limits.'),
    role: z
      .enum(['reporter', 'developer', 'maintainer', 'owner'])
      .default('developer')
      .describe('The least role in a project that may ask. Below developer nobody can push there either.'),
    labels: z
      .strictObject({
        todo: z.string().min(1).default('agent-todo').describe('Set on an issue, it asks for the issue to be done.'),
        doing: z.string().min(1).default('agent-doing').describe('Set while the agent is at it.'),
        done: z.string().min(1).default('agent-done').describe('Set when it worked.'),
        failed: z.string().min(1).default('agent-failed').describe('Set when it did not.'),
      })
      .prefault({}),
    pipelines: z
      .int()
      .min(0)
      .default(2)
      .describe('How often a pipeline that fails on what the agent pushed is repaired without being asked.'),
    listen: z
      .strictObject({
        host: z.string().default('127.0.0.1').describe('Where webhooks and people come in.'),
        port: z.int().min(0).max(65_535).default(8080).describe('Its port; 0: any that is free.'),
      })
      .prefault({}),
    login: z
      .strictObject({
        actAs: z
          .string()
          .min(1)
          .optional()
          .describe(
            'A GitLab user name: nobody logs in, and whoever reaches this Errand acts as that person. For a try on one machine.',
          ),
        open: z
          .boolean()
          .default(false)
          .describe('Whether actAs is meant for everybody in the network, and not for this machine alone.'),
        wary: z
          .boolean()
          .default(false)
          .describe(
            'For a GitLab with external users, where the bot is no administrator and so is not told who they are: then tasks of internal projects are shown to members alone.',
          ),
      })
      .prefault({}),
    door: z
      .strictObject({
        host: z.string().default('127.0.0.1').describe('Where the agents come in.'),
        port: z.int().min(0).max(65_535).default(8081).describe('Its port; 0: any that is free.'),
      })
      .prefault({}),
    health: z
      .strictObject({
        host: z.string().default('127.0.0.1').describe('Where /metrics, /livez and /readyz are asked for.'),
        port: z.int().min(0).max(65_535).default(9464).describe('Its port; 0: any that is free.'),
      })
      .prefault({}),
    clone: z
      .strictObject({
        filter: z
          .string()
          .regex(/^(none|blob:none|blob:limit=\d+[kmg]?|tree:\d+)$/, 'none, blob:none, blob:limit=1m or tree:0')
          .default('blob:none')
          .describe('What a clone leaves out until it is looked at; none: nothing.'),
        depth: z.int().min(1).optional().describe('How many commits of history a clone has; all of it otherwise.'),
      })
      .prefault({}),
    limits: z
      .strictObject({
        clone: seconds.default(600).describe('How long the clone may take.'),
        setup: seconds.default(900).describe('How long agent-setup.sh may take.'),
        agent: seconds.default(3600).describe('How long the agent may work.'),
        stuck: seconds.default(600).describe('The agent is stopped when it has said nothing for this long.'),
        push: seconds.default(600).describe('How long commit and push may take.'),
        attempts: z.int().min(1).default(3).describe('How often a run is begun when its machine is lost.'),
        turns: z
          .int()
          .min(1)
          .default(500)
          .describe('How many calls of the model a task may make, all its attempts together; the door refuses more.'),
        budget: z
          .number()
          .positive()
          .default(20)
          .describe('US dollars that a task may cost if nobody names another sum; then the door refuses more.'),
        budgetMax: z
          .number()
          .positive()
          .default(100)
          .describe('The most that a comment may allow a task, with --budget or the order `budget`.'),
      })
      .prefault({}),
    running: z
      .strictObject({
        all: z.int().min(1).default(20).describe('How many tasks may run at the same time.'),
        project: z.int().min(1).default(5).describe('How many of them for one project.'),
        person: z.int().min(1).default(5).describe('How many of them for one person.'),
      })
      .prefault({}),
    pace: z
      .strictObject({
        sweep: seconds.default(15).describe('How often every unfinished task is looked at, whatever else woke it.'),
        find: seconds
          .default(60)
          .describe('How often GitLab is asked for what no hook brought. A hook has half of it to be first.'),
        merged: seconds
          .default(300)
          .describe('How often GitLab is asked which of our merge requests were merged, for the numbers.'),
        quiet: z
          .number()
          .nonnegative()
          .default(20)
          .describe('A follow-up takes up all comments once none came for this long: a review is many comments.'),
        gitlabTimeout: seconds.default(15).describe('How long one call to GitLab may take.'),
        gitlabBackoff: seconds
          .default(0.5)
          .describe('The first pause before a call to GitLab is tried again; each is twice as long.'),
        finishing: seconds.default(6 * 3600).describe('How long GitLab may be away while a finished task is told.'),
        status: z
          .tuple([seconds, seconds, seconds])
          .default([15, 60, 300])
          .describe('The least time between edits of a status comment: the first, the second, all later ones.'),
        grace: seconds.default(120).describe('How long a stopped run may take to save its work.'),
      })
      .prefault({}),
    models: ModelSettings.prefault({}),
    tools: ToolsSettings.describe('The MCP servers that agents use, by the names that agents know them by.'),
    repositoryTools: z
      .boolean()
      .default(false)
      .describe("Whether agents also use the MCP servers that .mcp.json on a project's default branch declares."),
    storage: z
      .strictObject({
        megabytes: z
          .int()
          .min(64)
          .default(1024)
          .describe('What logs and sessions may take together in Redis, where it has no maxmemory; else half of that.'),
      })
      .prefault({}),
    keep: z
      .strictObject({
        tasks: days.default(90).describe('How long a finished task is kept with its page; its numbers stay.'),
        logs: days.default(30).describe('How long the log of a finished task, and what its agent remembers, is kept.'),
        audit: days.default(400).describe('How long it is kept who asked what, and what was pushed.'),
        mostTasks: z
          .int()
          .min(100)
          .default(20_000)
          .describe('How many tasks are kept: beyond it the oldest that are finished go earlier.'),
        mostAnswers: z
          .int()
          .min(100)
          .default(20_000)
          .describe(
            'The same of what was answered without a task: refusals, help, orders. Refusals that were only repeated count apart, and go after a day.',
          ),
        mostAudit: z
          .int()
          .min(1000)
          .default(200_000)
          .describe(
            'How many records the audit trail has at most, give or take a hundred: beyond it the oldest go earlier.',
          ),
      })
      .prefault({}),
    kubernetes: KubernetesSettings.optional().describe(
      'The cluster that runs are Jobs of; ERRAND_RUNNER=kubernetes needs it.',
    ),
    docker: DockerSettings.optional().describe(
      'The Docker or Podman that runs are containers of; ERRAND_RUNNER=docker needs it.',
    ),
    log: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info').describe('How much the log says.'),
  })
  .prefault({})
