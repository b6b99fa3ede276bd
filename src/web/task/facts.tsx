import type { ReactNode } from 'react'
import type { TaskView } from '../../http/taskView.ts'
import { dollars } from '../amounts.ts'
import { visible } from '../visible.ts'

/** What it costs and who does it. Every line is there from the beginning, so that nothing moves when it is known. */
export function Facts({ task }: { task: TaskView }) {
  const { usage, budgetUsd, costUsd } = task
  const share = budgetUsd === null || budgetUsd === 0 || costUsd === null ? 0 : Math.min(1, costUsd / budgetUsd)
  return (
    <aside className="facts" aria-label="Facts">
      <dl>
        <Fact name="Cost">
          {costUsd === null ? '–' : dollars(costUsd)}
          {budgetUsd !== null && <span className="muted"> of {dollars(budgetUsd)}</span>}
          <span className="budget" data-high={share >= 0.8} aria-hidden="true">
            <i style={{ width: `${share * 100}%` }} />
          </span>
        </Fact>
        <Fact name="Tokens">
          {usage.inputTokens === null && usage.outputTokens === null ? (
            '–'
          ) : (
            <>
              {(usage.inputTokens ?? 0).toLocaleString('en')} <span className="muted">in</span>,{' '}
              {(usage.outputTokens ?? 0).toLocaleString('en')} <span className="muted">out</span>
            </>
          )}
        </Fact>
        <Fact name="Turns">{usage.turns ?? '–'}</Fact>
        <Fact name="Agent">{visible(task.agent)}</Fact>
        <Fact name="Model">
          {task.model === null ? <span className="muted">the agent’s own</span> : visible(task.model)}
        </Fact>
        <Fact name="Mode">{task.mode === 'plan' ? 'only a plan' : 'changes the code'}</Fact>
        <Fact name="Attempt">{task.attempt === 0 ? '–' : task.attempt}</Fact>
        <Fact name="Job">
          <span className="code">{task.jobName === null ? '–' : visible(task.jobName)}</span>
        </Fact>
        <Fact name="Commit">
          <span className="code">{task.commit === null ? '–' : visible(task.commit.slice(0, 12))}</span>
        </Fact>
      </dl>
    </aside>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="number">{children}</dd>
    </div>
  )
}
