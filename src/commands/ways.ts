/** How work is done in a project: what the operator set, and what of it the project's own file changes. */

import type { Config } from '../config.ts'
import { createAgentFiles } from '../gitlab/agentFile.ts'
import type { GitLab } from '../gitlab/client.ts'
import { hintOf, type ProjectFile } from '../gitlab/projectFile.ts'
import { applyProjectFile, type Bounds } from '../gitlab/projectFileBounds.ts'
import type { ProjectSettings } from '../gitlab/projectFileSchema.ts'
import type { Ways, Who } from '../tasks/receive.ts'
import type { MergeWishes } from '../tasks/task.ts'

/** GitLab's numbers of the roles. */
export const LEVELS: Readonly<Record<Config['role'], number>> = {
  reporter: 20,
  developer: 30,
  maintainer: 40,
  owner: 50,
}

/** The ways of a project, by its id, as its default branch has them now. GitLab away is thrown. */
export function createWays(config: Config, gitlab: Pick<GitLab, 'call'>): (projectId: number) => Promise<Ways> {
  const fileOf = createAgentFiles(gitlab)
  return async (projectId) => waysOf(config, await fileOf(projectId))
}

/** Where the file says nothing, or nothing that counts, it is as the operator set it. */
export function waysOf(config: Config, file?: ProjectFile): Ways {
  const { settings, problems } =
    file === undefined ? { settings: {}, problems: [] } : applyProjectFile(boundsOf(config), file)
  const { limits, labels, merge_request: merge } = settings
  const agent = settings.agent ?? config.agent.name
  return {
    trigger: settings.trigger ?? config.trigger,
    agent,
    agents: agentsOf(config),
    // A model's name means something to its own agent alone.
    model: settings.model ?? (agent === config.agent.name ? config.agent.model : undefined),
    budget: limits?.budget ?? config.limits.budget,
    budgetMax: config.limits.budgetMax,
    turns: limits?.turns,
    time: limits?.time,
    image: settings.image,
    tools: settings.tools,
    setup: settings.setup,
    instructions: settings.instructions,
    base: merge?.target_branch,
    labels: {
      todo: labels?.todo ?? config.labels.todo,
      doing: labels?.doing ?? config.labels.doing,
      done: labels?.done ?? config.labels.done,
      failed: labels?.failed ?? config.labels.failed,
    },
    pipelineTries: settings.pipeline_retries ?? config.pipelines,
    merge: wishesOf(merge),
    who: whoOf(config, settings.who),
    hints: problems.map(hintOf),
  }
}

function boundsOf(config: Config): Bounds {
  const { locked, limits, tools, kubernetes, models, role } = config
  return {
    locked,
    most: { turns: limits.turns, budget: limits.budgetMax, time: limits.agent },
    agents: agentsOf(config),
    models: models.names,
    images: Object.keys(kubernetes?.images ?? {}),
    tools: Object.keys(tools),
    role,
  }
}

function agentsOf({ agent, agents }: Config): readonly string[] {
  return [...new Set([agent.name, ...agents])]
}

/** People who are named have to have the operator's role as well. */
function whoOf({ role }: Config, who: ProjectSettings['who']): Who {
  if (who === undefined) return { level: LEVELS[role] }
  return typeof who === 'string' ? { level: LEVELS[who] } : { level: LEVELS[role], people: who }
}

function wishesOf(merge: ProjectSettings['merge_request'] = {}): MergeWishes {
  const {
    draft,
    labels,
    reviewers,
    squash,
    remove_source_branch: removeSourceBranch,
    auto_description: describe,
  } = merge
  return { draft, labels, reviewers, squash, removeSourceBranch, describe }
}
