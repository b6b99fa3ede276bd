import type { ProjectView } from '../../src/http/taskView.ts'

export function aProject(id: number, path: string): ProjectView {
  return {
    id,
    path,
    defaultBranch: 'main',
    agents: ['claude', 'codex'],
    agent: 'claude',
    model: 'claude-sonnet-5',
    models: ['claude-sonnet-5', 'claude-opus-5'],
    budget: 5,
    budgetMax: 20,
  }
}
