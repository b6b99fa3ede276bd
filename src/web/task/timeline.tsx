import type { TaskView } from '../../http/taskView.ts'
import { duration } from '../amounts.ts'
import { useNow } from '../clock.ts'
import { mergeRequestName } from '../mergeRequestName.ts'
import { isOver, shown, WORDS } from '../states.ts'
import { STEP_NOW, STEP_WORDS, timelineParts } from './timelineParts.ts'

const SAID = { done: '', now: ', now', ahead: ', not yet', skipped: ', not needed' } as const

/** A bar in which every step has the room of its time; the list below it says the same in words. */
export function Timeline({ task }: { task: TaskView }) {
  const over = isOver(task.status)
  const now = useNow(!over)
  const parts = timelineParts(task, now)
  const state = shown(task)
  return (
    <section className="timeline" aria-label="Timeline" data-state={state}>
      <div className="timeline-bar" aria-hidden="true">
        {parts
          .filter(({ state }) => state === 'done' || state === 'now')
          .map(({ step, state, seconds }) => (
            <span key={step} data-step={step} data-state={state} style={{ flexGrow: Math.max(seconds, 0.01) }} />
          ))}
        {!over && <span className="timeline-rest" style={{ flexGrow: 0 }} />}
      </div>
      <ol>
        {parts.map(({ step, state, seconds }) => (
          <li key={step} data-step={step} data-state={state} aria-current={state === 'now' ? 'step' : undefined}>
            <span className="step-dot" aria-hidden="true" />
            <span className="step-name">{(state === 'now' ? STEP_NOW : STEP_WORDS)[step]}</span>
            <span className="step-time number">
              {state === 'done' || state === 'now' ? duration(seconds) : '–'}
              <span className="unseen">{SAID[state]}</span>
            </span>
          </li>
        ))}
        <li data-step="result" data-state={over ? 'done' : 'ahead'}>
          <span className="step-dot" aria-hidden="true" />
          <span className="step-name">{over ? WORDS[state] : 'Result'}</span>
          <span className="step-time">
            {task.mergeRequestUrl === null ? (over ? 'no merge request' : '–') : mergeRequestName(task.mergeRequestUrl)}
          </span>
        </li>
      </ol>
    </section>
  )
}
