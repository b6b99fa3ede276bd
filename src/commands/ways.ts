/** How work is done in a project: what the operator set. */

import type { Config } from '../config.ts'
import type { Ways, Who } from '../tasks/receive.ts'

const LEVELS: Readonly<Record<Config['role'], number>> = { reporter: 20, developer: 30, maintainer: 40, owner: 50 }

export function whoOf({ role }: Config): Who {
  return { level: LEVELS[role] }
}

export function waysOf(config: Config): Ways {
  return {
    agent: config.agent.name,
    model: config.agent.model,
    budget: config.limits.budget,
    budgetMax: config.limits.budgetMax,
    labels: config.labels,
    pipelineTries: config.pipelines,
    merge: {},
    who: whoOf(config),
    hints: [],
  }
}
