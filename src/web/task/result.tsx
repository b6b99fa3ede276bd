import type { TaskView } from '../../http/taskView.ts'
import { WarningIcon } from '../icons.tsx'
import { Markdown } from '../markdown/markdown.tsx'
import { visible } from '../visible.ts'
import { Files } from './files.tsx'

/** What came of it; nothing while there is nothing. */
export function Result({ task }: { task: TaskView }) {
  return (
    <>
      {task.failure !== null && (
        <section className="failure" data-paused={task.paused} aria-labelledby="failure-title">
          <h2 id="failure-title">
            <WarningIcon /> {capital(task.failure.what)}
          </h2>
          {task.failure.detail !== null && task.failure.detail.trim() !== '' && (
            <pre className="failure-detail" tabIndex={0}>
              {visible(task.failure.detail)}
            </pre>
          )}
          <div className="cure">
            <b>What to do:</b> <Markdown text={task.failure.cure} />
          </div>
        </section>
      )}
      {task.answer !== null && (
        <section className="answer" aria-labelledby="answer-title">
          <h2 id="answer-title">{task.mode === 'plan' ? 'The plan' : 'Answer'}</h2>
          <Markdown text={task.answer} />
        </section>
      )}
      {[...task.warnings, ...task.hints].length > 0 && (
        <ul className="warnings" aria-label="Warnings">
          {[...new Set([...task.warnings, ...task.hints])].map((text) => (
            <li key={text}>
              <WarningIcon /> <span>{visible(text)}</span>
            </li>
          ))}
        </ul>
      )}
      {task.files.length > 0 && <Files files={task.files} mergeRequest={task.mergeRequestUrl} />}
    </>
  )
}

function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`
}
