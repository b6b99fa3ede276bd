/** What children may see of the environment we were started in: an allow-list (README.md, clause 5). */

import { randomUUID } from 'node:crypto'
import type { Start } from './given.ts'

export type Environment = Record<string, string>

/**
 * Names that may pass: how to find programs, speak, reach the network and trust it, and where packages come from. Everything else (whatever an
 * operator or a cluster puts into every container) stays outside.
 */
const ALLOWED = [
  'PATH',
  'LANG',
  'LC_ALL',
  'LC_CTYPE',
  'TERM',
  'TZ',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'ALL_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'all_proxy',
  'no_proxy',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'NODE_EXTRA_CA_CERTS',
  'GIT_SSL_CAINFO',
  'CURL_CA_BUNDLE',
  'REQUESTS_CA_BUNDLE',
  'PIP_CERT',
  'NPM_CONFIG_CAFILE',
  'npm_config_cafile',
  'CARGO_HTTP_CAINFO',
  'NPM_CONFIG_REGISTRY',
  'npm_config_registry',
  'YARN_NPM_REGISTRY_SERVER',
  'PIP_INDEX_URL',
  'PIP_EXTRA_INDEX_URL',
  'UV_DEFAULT_INDEX',
  'UV_INDEX_URL',
  'UV_NATIVE_TLS',
  'GOPROXY',
  'GOSUMDB',
  'GOPRIVATE',
  'GONOSUMDB',
]

/** The variable by which every process that set-up or agent started is found again, whatever session it moved to. */
export const MARK = 'ERRAND_RUN'

/** This run's mark; random, so that two runs on one machine never end each other's processes. */
export const mark: string = randomUUID()

/** The part of our environment that any child may have. The door is always reached directly, never through a proxy. */
export function allowed(start: Start): Environment {
  const env: Environment = { LANG: 'C.UTF-8', TERM: 'dumb' }
  for (const name of ALLOWED) {
    const value = start.outer[name]
    if (value !== undefined) env[name] = value
  }
  const direct = [start.outer.no_proxy ?? start.outer.NO_PROXY, new URL(start.door).hostname].filter(Boolean).join(',')
  return { ...env, NO_PROXY: direct, no_proxy: direct }
}

/** The environment of set-up: no credential, no model. */
export function setupEnvironment(start: Start): Environment {
  return { ...allowed(start), HOME: start.places.home, TMPDIR: start.places.tmp, [MARK]: mark }
}

/**
 * Configuration by environment that lets a git (and git-lfs) reach the door: the repository, its submodules, its LFS files. It is
 * bound to that one address, so the credential is never sent to another host, and it is in no file, argument or URL.
 */
export function doorGit(start: Start): Environment {
  return {
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: `http.${start.door}/v1.extraHeader`,
    GIT_CONFIG_VALUE_0: `Authorization: Bearer ${start.credential}`,
    GIT_TERMINAL_PROMPT: '0',
  }
}

/** Who signs commits, for our git and for the agent's. */
export function identity(author: { readonly name: string; readonly email: string }): Environment {
  return {
    GIT_AUTHOR_NAME: author.name,
    GIT_AUTHOR_EMAIL: author.email,
    GIT_COMMITTER_NAME: author.name,
    GIT_COMMITTER_EMAIL: author.email,
  }
}

/**
 * The environment of the agent: set-up's, the door's git (the clone has no old blobs, the agent's git fetches them when
 * it looks at history), who it commits as, and no editor or pager to wait in.
 */
export function agentEnvironment(start: Start, author: { readonly name: string; readonly email: string }): Environment {
  return {
    ...setupEnvironment(start),
    ...doorGit(start),
    ...identity(author),
    GIT_EDITOR: 'true',
    GIT_PAGER: 'cat',
    PAGER: 'cat',
  }
}
