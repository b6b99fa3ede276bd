/** Processes of this machine that may outlive the one that started them: found again by pid and start time, or by a folder in their environment. */

import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)
const LINUX = existsSync('/proc/self/stat')

/** When a process began, in the system's own words; undefined when there is none. Tells a process from a later one of the same pid. */
export async function startOf(pid: number): Promise<string | undefined> {
  try {
    if (!LINUX) return (await run('ps', ['-o', 'lstart=', '-p', String(pid)])).stdout.trim() || undefined
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    // The second field is the program's name and may hold spaces and brackets; the state comes first behind it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? undefined : fields[19]
  } catch {
    return undefined
  }
}

/** Every process that has its workspace or its home below this folder, whatever group or session it has made for itself. */
export async function processesIn(folder: string): Promise<readonly number[]> {
  if (!LINUX) {
    const { stdout } = await run('ps', ['-A', '-E', '-ww', '-o', 'pid=,command='], { maxBuffer: 64 * 1024 * 1024 })
    const lines = stdout.split('\n').filter((line) => MARKS.some((name) => line.includes(` ${name}=${folder}`)))
    return lines.map((line) => Number.parseInt(line, 10)).filter((pid) => pid !== process.pid)
  }
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(
    pids.map(async (pid) => {
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
      const lives = environment.split('\0').some((entry) => MARKS.some((name) => entry.startsWith(`${name}=${folder}`)))
      return lives && Number(pid) !== process.pid ? [Number(pid)] : []
    }),
  )
  return found.flat()
}

/** What only a run has below its folder; a shell that somebody left there has it in OLDPWD. */
const MARKS = ['ERRAND_WORKSPACE', 'HOME', 'TMPDIR']

/** Signals a process, or a group by its negative id; one that is gone already is no mistake. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
