import { Dialog } from './dialog.tsx'

const KEYS = [
  ['?', 'These keys'],
  ['t', 'Tasks'],
  ['n', 'New task'],
  ['u', 'Numbers'],
  ['/', 'Search the tasks, or the log'],
  ['j', 'Next task'],
  ['k', 'Task before'],
  ['l', 'Log: conversation or raw'],
  ['w', 'Log: wrap long lines'],
  ['b', 'Log: go to its beginning'],
  ['e', 'Log: go to its end and follow'],
] as const

export function ShortcutHelp({ off, turn, close }: { off: boolean; turn: (off: boolean) => void; close: () => void }) {
  return (
    <Dialog title="Keys" close={close}>
      <dl className="keys" data-off={off}>
        {KEYS.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
        <div>
          <dt>
            <kbd>Ctrl</kbd> <kbd>Enter</kbd>
          </dt>
          <dd>Send the new task</dd>
        </div>
      </dl>
      <label className="toggle">
        <input type="checkbox" checked={!off} onChange={({ target }) => turn(!target.checked)} />
        <span>Single letters are keys here</span>
      </label>
      <div className="dialog-actions">
        <button type="button" className="button" onClick={close}>
          Close
        </button>
      </div>
    </Dialog>
  )
}
