import type { TaskView } from '../../http/taskView.ts'
import { counted } from '../amounts.ts'
import { Outside } from '../outside.tsx'
import { visible } from '../visible.ts'

/** The change in short: its files, with the lines that came and went. */
export function Files({ files, mergeRequest }: { files: TaskView['files']; mergeRequest: string | null }) {
  const added = files.reduce((sum, file) => sum + file.added, 0)
  const removed = files.reduce((sum, file) => sum + file.removed, 0)
  const most = Math.max(1, ...files.map((file) => file.added + file.removed))
  return (
    <section className="files" aria-labelledby="files-title">
      <h2 id="files-title">
        {counted(files.length, 'file')} <span className="plus number">+{added}</span>{' '}
        <span className="minus number">−{removed}</span>
        {mergeRequest !== null && (
          <Outside href={`${mergeRequest}/diffs`} className="files-diff">
            See the diff
          </Outside>
        )}
      </h2>
      <ul>
        {files.map((file) => (
          <li key={file.path}>
            <span className="file-path code">
              <bdi>{visible(file.path)}</bdi>
            </span>
            <span className="file-bar" aria-hidden="true">
              <i className="plus-bar" style={{ width: `${(file.added / most) * 100}%` }} />
              <i className="minus-bar" style={{ width: `${(file.removed / most) * 100}%` }} />
            </span>
            <span className="number plus">+{file.added}</span>
            <span className="number minus">−{file.removed}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}
