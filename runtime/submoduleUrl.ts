/** Which project a submodule is, from what `.gitmodules` says of it. */

/** A project's path: names that GitLab allows, at least two of them. */
const PATH = /^[A-Za-z0-9_.][\w.-]*(\/[A-Za-z0-9_.][\w.-]*)+$/

/**
 * `../lib.git`, `https://gitlab.example.com/demo/lib`, `git@gitlab.example.com:demo/lib.git` → `demo/lib`; undefined for what is
 * not on this GitLab. `of` is the project whose `.gitmodules` it stands in, `gitlab` the instance's address. Pure.
 */
export function projectOf(url: string, of: string, gitlab: string): string | undefined {
  const path = /^\.\.?\//.test(url) ? climb(url, of) : onInstance(url, new URL(gitlab))
  const project = path?.replace(/^\/+|\/+$/g, '').replace(/\.git$/, '')
  if (project === undefined || !PATH.test(project)) return undefined
  return project.split('/').some((name) => name === '.' || name === '..') ? undefined : project
}

/** Relative to the project's own address, as git takes it: `..` is the group. Not beyond the instance. */
function climb(url: string, of: string): string | undefined {
  const at = of.split('/')
  for (const part of url.split('/')) {
    if (part === '..' && at.pop() === undefined) return undefined
    if (part !== '..' && part !== '.' && part !== '') at.push(part)
  }
  return at.join('/')
}

function onInstance(url: string, gitlab: URL): string | undefined {
  const scp = /^(?:[\w.-]+@)?([\w.-]+):(?!\/\/)\/?(.+)$/.exec(url)
  if (scp !== null) return scp[1]?.toLowerCase() === gitlab.hostname ? scp[2] : undefined
  const address = URL.parse(url)
  if (address === null) return undefined
  const root = gitlab.pathname.replace(/\/$/, '')
  switch (address.protocol) {
    case 'ssh:':
    case 'git+ssh:':
      return address.hostname.toLowerCase() === gitlab.hostname ? address.pathname : undefined
    case 'http:':
    case 'https:':
      if (address.hostname !== gitlab.hostname || address.port !== gitlab.port) return undefined
      return address.pathname.startsWith(`${root}/`) ? address.pathname.slice(root.length) : undefined
    default:
      return undefined
  }
}
