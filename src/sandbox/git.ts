import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process'
import { devNull } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** How a git command ended. */
export type GitResult = { readonly code: number; readonly stdout: Buffer; readonly stderr: string }

/** git, as the sandbox uses it: without the configuration of this machine or of whoever runs the sandbox. */
export type Git = {
  /** Runs to the end; a code other than 0 is for the caller to judge. */
  try(repository: string, args: readonly string[], input?: string | Buffer): Promise<GitResult>
  /** Runs to the end and gives what was printed, without the last line's end; throws when git fails. */
  run(repository: string, args: readonly string[], input?: string | Buffer): Promise<string>
  /** Starts a git whose streams are the caller's. */
  start(args: readonly string[], env: Readonly<Record<string, string>>): ChildProcessWithoutNullStreams
  /** Ends every git that still runs. */
  close(): void
}

/** Finds git once; from then on it runs with an environment of its own, so that a GIT_DIR around us does no harm. */
export async function openGit(home: string): Promise<Git> {
  const { stdout } = await promisify(execFile)('git', ['--exec-path'])
  const folder = stdout.trim()
  const base = {
    PATH: `${folder}:/usr/local/bin:/usr/bin:/bin`,
    HOME: home,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: devNull,
    GIT_TERMINAL_PROMPT: '0',
  }
  const running = new Set<ChildProcessWithoutNullStreams>()
  const start: Git['start'] = (args, env) => {
    const child = spawn(join(folder, 'git'), args, { env: { ...base, ...env } })
    running.add(child)
    child.once('close', () => running.delete(child))
    // A git that ends early leaves its input closed; its exit code says what happened.
    child.stdin.on('error', () => {})
    return child
  }
  const attempt: Git['try'] = (repository, args, input) =>
    new Promise((resolve, reject) => {
      const child = start(['-C', repository, ...args], {})
      const out: Buffer[] = []
      const err: Buffer[] = []
      child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
      child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
      child.once('error', reject)
      child.once('close', (code) =>
        resolve({ code: code ?? -1, stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString('utf8') }),
      )
      child.stdin.end(input ?? '')
    })
  return {
    try: attempt,
    run: async (repository, args, input) => {
      const { code, stdout, stderr } = await attempt(repository, args, input)
      if (code !== 0) throw new Error(`git ${args.join(' ')} ended with ${code}: ${stderr.trim()}`)
      return stdout.toString('utf8').replace(/\n$/, '')
    },
    start,
    close: () => {
      for (const child of running) child.kill('SIGKILL')
    },
  }
}
