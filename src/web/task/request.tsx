import type { TaskView } from '../../http/taskView.ts'
import { visible } from '../visible.ts'

const SHORT = 1200

/** What was asked, in the words of who asked. */
export function Request({ task }: { task: TaskView }) {
  return (
    <section className="prompt" aria-labelledby="prompt-title">
      <h2 id="prompt-title">{task.mode === 'plan' ? 'Request for a plan' : 'Request'}</h2>
      {task.prompt.length < SHORT ? (
        <PromptText text={task.prompt} />
      ) : (
        <details>
          <summary className="muted">{visible(task.prompt.slice(0, 160))}…</summary>
          <PromptText text={task.prompt} />
        </details>
      )}
    </section>
  )
}

function PromptText({ text }: { text: string }) {
  return (
    <pre className="prompt-text" tabIndex={0}>
      {visible(text)}
    </pre>
  )
}
