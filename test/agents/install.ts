/**
 * The agents' command lines, in exact versions from the npm registry, in a cache folder outside the checkout:
 * `~/.cache/errand-agents/<package>@<version>`. Installed once; whoever comes second, or at the same time, finds it.
 */

import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, dirname, join, relative } from 'node:path'
import { promisify } from 'node:util'
import { ownEnvironment } from '../../src/config.ts'

export type AgentName = 'claude' | 'codex' | 'opencode' | 'gemini'

type Source = {
  readonly package: string
  readonly version: string
  /** Below node_modules, where the package makes no link in `.bin`. */
  readonly program?: string
  /** Whether it is incomplete without its install script. */
  readonly script: boolean
}

/** Claude Code's platform package alone: its wrapper would put a second copy of 380 MB beside it, by a script. */
const CLAUDE = `@anthropic-ai/claude-code-${process.platform}-${process.arch}`

const SOURCES: Readonly<Record<AgentName, Source>> = {
  claude: { package: CLAUDE, version: '2.1.330', program: `${CLAUDE}/claude`, script: false },
  codex: { package: '@openai/codex', version: '0.169.0', script: false },
  opencode: { package: 'opencode-ai', version: '1.18.33', script: true },
  gemini: { package: '@google/gemini-cli', version: '0.61.0', script: false },
}

function folderOf(agent: AgentName): string {
  const cache = ownEnvironment().XDG_CACHE_HOME || join(homedir(), '.cache')
  const { package: name, version } = SOURCES[agent]
  return join(cache, 'errand-agents', `${name}@${version}`)
}

/** The folder to put first on a PATH; undefined where the agent is not installed. */
export function installed(agent: AgentName): string | undefined {
  const bin = join(folderOf(agent), 'node_modules', '.bin')
  return existsSync(join(bin, agent)) ? bin : undefined
}

/** Installs the agent where it is not yet; throws what npm said when it cannot. */
export async function install(agent: AgentName): Promise<void> {
  if (installed(agent) !== undefined) return
  const { package: name, version, program, script } = SOURCES[agent]
  const target = folderOf(agent)
  await mkdir(dirname(target), { recursive: true })
  const made = await mkdtemp(join(dirname(target), `.${basename(target)}-`))
  try {
    await writeFile(join(made, 'package.json'), JSON.stringify({ private: true }))
    // Spelt out, as npm hands the settings of this checkout on to what its scripts start.
    const settings = [`--ignore-scripts=${!script}`, '--no-audit', '--no-fund', '--loglevel=error', '--prefix', made]
    await promisify(execFile)('npm', ['install', '--save-exact', ...settings, `${name}@${version}`], { cwd: made })
    if (program !== undefined) {
      const bin = join(made, 'node_modules', '.bin')
      await mkdir(bin, { recursive: true })
      await symlink(relative(bin, join(made, 'node_modules', program)), join(bin, agent))
    }
    // Whole or not at all, also where two install at the same time.
    await rename(made, target).catch((error: unknown) => {
      if (installed(agent) === undefined) throw error
    })
  } finally {
    await rm(made, { recursive: true, force: true })
  }
}
