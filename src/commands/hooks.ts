/** `errand hooks install|check`: the webhooks of projects, and of all projects below groups. GitLab Free has no group hooks. */

import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type Config, readConfig } from '../config.ts'
import { type Named, projectsBelow } from '../gitlab/below.ts'
import { connectGitLab, type GitLab } from '../gitlab/client.ts'
import { type Wanted, wrongWith } from '../gitlab/hookState.ts'
import { type Ensured, ensureHook, failedLately, findHook } from '../gitlab/projectHooks.ts'
import { GitLabError } from '../gitlab/requester.ts'
import { paceOf } from './reach.ts'
import { StartError } from './startError.ts'

const FLAGS = {
  'token-file': { type: 'string' },
  url: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const

const HELP = `errand hooks install [flags] PROJECT|GROUP…   creates or repairs the webhook of each project
errand hooks check [flags] PROJECT|GROUP…     shows what is wrong; the exit code counts it

  --token-file FILE   a Maintainer's token (scope api) for this once, where the bot is no Maintainer
  --url URL           where GitLab reaches Errand, if that is not ERRAND_URL

PROJECT and GROUP are paths or numbers, as demo/shop. A group stands for all projects in it and its subgroups.`

/** What is told of a project: `wrong` is empty where all is well, and says what to do where it is not. */
type Line = { readonly project: string; readonly found: string; readonly wrong: readonly string[] }

export async function run(args: readonly string[]): Promise<void> {
  let wrong = 0
  for await (const line of hooks(args, readConfig)) {
    if (typeof line === 'string') console.log(line)
    else {
      console.log(`${line.wrong.length === 0 ? '✔' : '✘'} ${line.project}: ${line.found}`)
      for (const words of line.wrong) console.log(`  → ${words}`)
      wrong += line.wrong.length
    }
  }
  process.exitCode = Math.min(wrong, 100)
}

export async function* hooks(args: readonly string[], config: () => Config): AsyncGenerator<Line | string> {
  const { values, positionals } = parseArgs({ args: [...args], options: FLAGS, allowPositionals: true })
  const [action, ...names] = positionals
  if (values.help) return yield HELP
  if ((action !== 'install' && action !== 'check') || names.length === 0) throw new StartError(HELP)
  const known = config()
  const token = tokenFrom(values['token-file'], known)
  const gitlab = connectGitLab(known.gitlab.url, async () => token, paceOf(known))
  const wanted = { url: `${(values.url ?? known.url).replace(/\/+$/, '')}/hook`, secrets: known.webhookSecrets() }
  const me = await whoAmI(gitlab)
  for (const name of names) {
    const projects = await projectsBelow(gitlab, pathOf(name, known.gitlab.url))
    if (projects === 'gone') {
      const cure = `is the path right? @${me} sees only what it is a member of: invite it, or give --token-file`
      yield { project: name, found: 'there is no such project or group', wrong: [cure] }
    } else if (projects.length === 0) yield { project: name, found: 'no projects', wrong: [] }
    else
      for (const project of projects) {
        const line = action === 'install' ? install : checkHook
        yield await line(gitlab, project, wanted, me).catch((error: unknown) => {
          // The others may fare better.
          if (!(error instanceof GitLabError)) throw error
          return { project: project.path, found: error.message, wrong: ['GitLab failed at this: try again'] }
        })
      }
  }
}

async function install(gitlab: GitLab, named: Named, wanted: Wanted, me: string): Promise<Line> {
  const { path } = named
  const ensured = await ensureHook(gitlab, named, wanted)
  switch (ensured.hook) {
    case 'created':
    case 'fine':
      return { project: path, found: ensured.hook, wrong: [] }
    case 'above': {
      const own = ensured.removed === 0 ? '' : `; ${ensured.removed} of its own told the same, and went`
      return { project: path, found: `the group ${ensured.group} has the hook${own}`, wrong: [] }
    }
    case 'repaired':
      return { project: path, found: `repaired, because ${ensured.what.join('; ')}`, wrong: [] }
    case 'no-right':
      return { project: path, found: 'no right', wrong: [needsMaintainer(me)] }
    case 'refused':
    case 'unsigned':
    case 'off':
      return { project: path, ...explain(ensured, wanted) }
  }
}

function explain(
  ensured: Exclude<Ensured, { hook: 'created' | 'fine' | 'above' | 'no-right' | 'repaired' }>,
  { url }: Wanted,
) {
  switch (ensured.hook) {
    case 'refused': {
      const blocked = /invalid url|is blocked|local network/i.test(ensured.why)
      const cure = blocked
        ? `GitLab may not send to ${url}: it is in GitLab's own network, or no address. An administrator allows it in Admin > Settings > Network > Outbound requests; another address is given with --url`
        : 'see what GitLab says, and try again'
      return { found: `refused: ${ensured.why}`, wrong: [cure] }
    }
    case 'unsigned': {
      const cure =
        'this GitLab signs nothing (it is older than 19.0): put a secret that does not begin with whsec_ into WEBHOOK_SECRETS too, restart Errand, and install again'
      return { found: 'created, but Errand will turn away what it sends', wrong: [cure] }
    }
    case 'off': {
      const cure = `see that GitLab reaches ${url} and Errand runs there, then install again`
      return { found: `switched off by GitLab after failures, and a test failed: ${ensured.why}`, wrong: [cure] }
    }
  }
}

/** How a project's hook fares, as far as whoever asks may see it. */
export async function checkHook(gitlab: GitLab, named: Named, wanted: Wanted, me: string): Promise<Line> {
  const { id, path } = named
  const found = await findHook(gitlab, named, wanted)
  if (found === 'no-right') return { project: path, found: 'no right to look', wrong: [needsMaintainer(me)] }
  const { hook, others, above } = found
  if (above !== undefined) {
    const { group } = above
    const faults = wrongWith(above.hook, wanted).map(
      (words) => `${words}: mend it in the webhooks of the group ${group} (Settings > Webhooks)`,
    )
    const sound = faults.length === 0
    const double =
      sound && hook?.url === wanted.url ? [`hook ${hook.id} tells the same a second time: install removes it`] : []
    const words = sound ? `the group ${group} has the hook` : `hook ${above.hook.id} of the group ${group}`
    return { project: path, found: words, wrong: [...faults, ...double] }
  }
  if (hook === undefined) {
    const cure = `\`errand hooks install ${path}\` makes it; until then comments there are found by asking, a minute late`
    return { project: path, found: 'no hook', wrong: [cure] }
  }
  const repairable = [...wrongWith(hook, wanted), ...others.map(({ id }) => `hook ${id} tells the same a second time`)]
  const failed = await failedLately(gitlab, id, hook.id)
  const failures =
    failed.length === 0
      ? []
      : [
          `its last ${failed.length === 1 ? 'delivery' : `${failed.length} deliveries`} failed (${[...new Set(failed)].join(', ')}): does GitLab reach ${hook.url}, and does Errand run there?`,
        ]
  const wrong = [...repairable.map((words) => `${words}: install repairs it`), ...failures]
  return { project: path, found: wrong.length === 0 ? 'fine' : `hook ${hook.id}`, wrong }
}

function needsMaintainer(me: string): string {
  return `hooks need the role Maintainer, and @${me} has less here: give --token-file with a Maintainer's token, or make @${me} one for now`
}

async function whoAmI(gitlab: GitLab): Promise<string> {
  try {
    return (await gitlab.users.showCurrentUser()).username
  } catch (error) {
    if (!(error instanceof GitLabError)) throw error
    throw new StartError(
      error.status === 401
        ? 'GitLab does not know this token, or it has expired: see GITLAB_TOKEN or --token-file.'
        : `GitLab does not say who we are: ${error.message}`,
    )
  }
}

function tokenFrom(file: string | undefined, config: Config): string {
  if (file === undefined) return config.gitlab.token()
  let token: string
  try {
    token = readFileSync(file, 'utf8').trim()
  } catch (error) {
    throw new StartError(`--token-file: ${error instanceof Error ? error.message : String(error)}`)
  }
  if (token === '') throw new StartError(`--token-file: ${file} is empty`)
  return token
}

/** Also of an address as it stands in the browser. */
function pathOf(name: string, gitlab: string): string {
  return (name.startsWith(`${gitlab}/`) ? name.slice(gitlab.length) : name).replace(/^\/+|\/+$/g, '')
}
