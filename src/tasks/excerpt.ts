/** The end of a log as a few quiet lines, for a comment. Pure. */

const LINES = 8
const WIDTH = 200

/** `log`: the log's last bytes as text; its first line may be cut. Control characters and colours are left out. */
export function excerpt(log: string): string {
  const lines = log
    .replace(/\p{Cc}\[[0-9;?]*[ -/]*[@-~]/gu, '')
    .split('\n')
    // A progress bar writes over itself: what counts is what stood there last.
    .map((line) =>
      line
        .slice(line.trimEnd().lastIndexOf('\r') + 1)
        .replace(/\p{Cc}/gu, ' ')
        .trimEnd(),
    )
    .filter((line) => line !== '')
  return lines
    .slice(-LINES)
    .map((line) => (line.length > WIDTH ? `${line.slice(0, WIDTH - 1)}…` : line))
    .join('\n')
}
