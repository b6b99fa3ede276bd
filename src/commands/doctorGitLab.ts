/** GitLab: does it know us, what may the token do and for how long, and what may the bot do in which project. */

import { z } from 'zod'
import type { Config } from '../config.ts'
import type { GitLab } from '../gitlab/client.ts'
import { daysLeft, ownToken } from '../gitlab/ownToken.ts'
import { GitLabError } from '../gitlab/requester.ts'
import { check, type Finding } from './finding.ts'
import { checkHook } from './hooks.ts'

/** What was measured; older ones may do. */
const OLDEST_MAJOR = 16
const DEVELOPER = 30
const MAINTAINER = 40
/** Days before the token's end. */
const SOON = 30
const URGENT = 7
/** Projects that are looked at, and that are named in one finding. */
const MOST = 1000
const MOST_HOOKS = 50
const MOST_NAMED = 20

const projectSchema = z.object({ id: z.number(), path_with_namespace: z.string() })
type Project = { readonly id: number; readonly path: string; readonly level: number }

export async function* examineGitLab(config: Config, gitlab: GitLab): AsyncGenerator<Finding> {
  const { url } = config.gitlab
  let me = ''
  const known = await check(
    'GitLab',
    (error) => cureOf(error, url),
    async () => {
      const { version } = z.object({ version: z.string() }).parse((await gitlab.call('GET', 'version')).body)
      me = z.object({ username: z.string() }).parse((await gitlab.call('GET', 'user')).body).username
      const isOld = Number.parseInt(version, 10) < OLDEST_MAJOR
      const advice = isOld ? [`it is older than ${OLDEST_MAJOR}.0, with which nobody has tried Errand: update it`] : []
      return { found: `${url}, version ${version}, knows us as @${me}`, advice }
    },
  )
  yield known
  if (known.wrong.length > 0) return
  const again = 'GitLab failed at this: try again'
  yield await check('token', again, () => token(gitlab, me))
  let projects: readonly Project[] = []
  yield await check('projects', again, async () => {
    projects = await projectsOf(gitlab)
    return roles(projects, me)
  })
  yield await check('hooks', again, () => hooks(config, gitlab, projects, me))
}

function cureOf(error: unknown, url: string): string {
  if (!(error instanceof GitLabError)) return `does ${url} belong to a GitLab? Set GITLAB_URL`
  if (error.status === 401)
    return 'the token is wrong, revoked or expired: make a new one (scope api) for the bot, and put it into GITLAB_TOKEN'
  if (error.status === 403)
    return 'the token may not even be asked with: give it the scope api, and see that the bot is not blocked'
  if (/certificate|self.signed|issuer/i.test(error.message))
    return `its certificate is not trusted here: name your CA's file in NODE_EXTRA_CA_CERTS`
  if (error.status === 0)
    return `see that GITLAB_URL is right, and that ${url} is reached from here (proxy, firewall, name)`
  return `does ${url} belong to a GitLab? Set GITLAB_URL`
}

async function token(gitlab: GitLab, me: string) {
  const own = await ownToken(gitlab)
  if (own === 'unknown') {
    const advice = [
      'give Errand a personal, project or group access token: this one does not tell what it may do, nor when it ends',
    ]
    return { found: 'not an access token of GitLab', advice }
  }
  const { name, scopes, endsAt } = own
  const wrong = scopes.includes('api')
    ? []
    : [`it lacks the scope api: make @${me} a token with it, and put that into GITLAB_TOKEN`]
  const days = daysLeft(own, Date.now())
  const renew = `it ends in ${days} days: make a new one, and put it into GITLAB_TOKEN (a file that GITLAB_TOKEN_FILE names is read anew without a restart)`
  const ends = endsAt === undefined ? 'ends never' : `ends on ${new Date(endsAt).toISOString().slice(0, 10)}`
  return {
    found: `"${name}", scopes ${scopes.join(', ')}, ${ends}`,
    wrong: days !== undefined && days < URGENT ? [...wrong, renew] : wrong,
    advice: days !== undefined && days >= URGENT && days < SOON ? [renew] : [],
  }
}

/**
 * Those that the bot is a member of, by itself or through a group. In a list GitLab's `permissions` know of the nearest group alone, so
 * the levels are asked for as filters: `level` is Maintainer, Developer, or 0 for less.
 */
async function projectsOf(gitlab: GitLab): Promise<readonly Project[]> {
  const [all, developer, maintainer] = await Promise.all([
    listed(gitlab, {}),
    listed(gitlab, { min_access_level: String(DEVELOPER) }),
    listed(gitlab, { min_access_level: String(MAINTAINER) }),
  ])
  const holds = (some: readonly Named[], id: number) => some.some((one) => one.id === id)
  return all.map(({ id, path }) => ({
    id,
    path,
    level: holds(maintainer, id) ? MAINTAINER : holds(developer, id) ? DEVELOPER : 0,
  }))
}

type Named = Pick<Project, 'id' | 'path'>

async function listed(gitlab: GitLab, filter: Readonly<Record<string, string>>): Promise<readonly Named[]> {
  const found: Named[] = []
  for (let page = 1; found.length < MOST; page++) {
    const query = {
      membership: 'true',
      archived: 'false',
      order_by: 'id',
      sort: 'asc',
      per_page: '100',
      page: String(page),
      ...filter,
    }
    const rows = z.array(projectSchema).parse((await gitlab.call('GET', 'projects', query)).body)
    for (const { id, path_with_namespace: path } of rows) found.push({ id, path })
    if (rows.length < 100) break
  }
  return found
}

function roles(projects: readonly Project[], me: string) {
  if (projects.length === 0) {
    const cure = `invite @${me} into your projects, or a group of them, with the role Developer (Manage > Members)`
    return { found: `@${me} is a member of none`, wrong: [cure] }
  }
  const less = projects.filter(({ level }) => level < DEVELOPER)
  const wrong = less
    .slice(0, MOST_NAMED)
    .map(({ path }) => `in ${path} @${me} has less than Developer, and cannot push: raise its role there`)
  const more = less.length - wrong.length
  if (more > 0) wrong.push(`the same in ${more} more`)
  const many = projects.length >= MOST ? 'at least ' : ''
  return {
    found: `a member of ${many}${projects.length}, at least Developer in ${projects.length - less.length}`,
    wrong,
  }
}

/** Hooks can be seen by Maintainers only. */
async function hooks(config: Config, gitlab: GitLab, projects: readonly Project[], me: string) {
  const open = projects.filter(({ level }) => level >= MAINTAINER).slice(0, MOST_HOOKS)
  const wanted = { url: `${config.url}/hook`, secrets: config.webhookSecrets() }
  const wrong: string[] = []
  for (const project of open) {
    const line = await checkHook(gitlab, project, wanted, me)
    wrong.push(...line.wrong.map((words) => `${project.path}: ${line.found}; ${words}`))
  }
  const rest = projects.filter((one) => !open.includes(one))
  const seen = open.length === 0 ? [] : [`${open.length} looked at`]
  if (rest.length === 0) return { found: seen[0] ?? 'no projects', wrong }
  const some = rest.slice(0, 3).map(({ path }) => path)
  const names = rest.length > some.length ? [...some, '…'] : some
  const advice = [`a Maintainer can look: \`errand hooks check --token-file FILE ${names.join(' ')}\``]
  return { found: [...seen, `${rest.length} not looked at`].join('; '), wrong, advice, unseen: true as const }
}
