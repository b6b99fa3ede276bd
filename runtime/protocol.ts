/**
 * The contract between Errand and the container an agent runs in, as types. The words, with numbered clauses, are in
 * README.md beside this file. This is the only file of runtime/ that src/ may import.
 */

export const PROTOCOL = 1

/** What the container is given in its environment; everything else it asks the door for. */
export type Given = {
  /** The door's address without a trailing slash. */
  readonly ERRAND_DOOR: string
  /** A file that holds the credential of this one attempt, and nothing else. */
  readonly ERRAND_CREDENTIAL_FILE: string
  /** A folder that may be written; the clone, the agent's home and the log live below it. */
  readonly ERRAND_WORKSPACE: string
  /** Where the last words go (cause, branch and commit only, as JSON of `LastWords`), should the door be out of reach. */
  readonly ERRAND_TERMINATION_FILE: string
  /** Seconds for which an unreachable door is tried again before the run gives up; 3600 where it is not given. */
  readonly ERRAND_PATIENCE?: string
}

/** The door's answers to `GET /v1/request`: everything one attempt has to know. Durations are seconds. */
export type Request = {
  readonly protocol: typeof PROTOCOL
  readonly task: string
  readonly attempt: number
  /** `demo/shop`. */
  readonly project: string
  /** GitLab's address as people know it; submodules are recognized by it, nothing is ever fetched from it. */
  readonly gitlab: string
  /** The one branch that may be pushed. If it exists already, the work continues it. */
  readonly branch: string
  /** Where the branch starts when it does not exist yet, and what the change is measured against. */
  readonly base: string
  readonly defaultBranch: string
  /** The whole text for the agent; trusted words first, data fenced. */
  readonly prompt: string
  /** The request in one line, the fallback for a title. */
  readonly subject: string
  readonly agent: {
    readonly name: string
    readonly model?: string
    /** The program and arguments of `custom`; the other agents know their own. */
    readonly command?: readonly string[]
  }
  /** `plan`: nothing may be changed and nothing is pushed; the answer is the plan. */
  readonly mode: 'do' | 'plan'
  /** Whether the door keeps a session that this run goes on with: `GET /v1/session`. */
  readonly session: boolean
  /** Fewer people may read the request than the repository: one commit with `subject`, whatever the agent's own commits say. */
  readonly discreet: boolean
  /**
   * The branch may hold commits of people who may not steer the agent: what instructs or extends agents (`CLAUDE.md`, `.claude`,
   * `.mcp.json`, …) is then taken from the base.
   */
  readonly steeredBy: 'branch' | 'base'
  /** Where the default branch has the script that prepares the work; `agent-setup.sh` where it is not given. */
  readonly setup?: string
  readonly clone: {
    /** git's `--filter`; without it the clone is whole. */
    readonly filter?: string
    /** git's `--depth`; without it the history is whole. */
    readonly depth?: number
  }
  readonly tools: readonly Tool[]
  /** Whether the MCP servers that the default branch's `.mcp.json` declares are used too. */
  readonly repositoryTools: boolean
  readonly author: { readonly name: string; readonly email: string }
  /** Appended to the commit message, one a line: `Co-authored-by: …`, `Errand-Task: …`. */
  readonly trailers: readonly string[]
  readonly limits: {
    readonly clone: number
    readonly setup: number
    readonly agent: number
    /** The agent is stopped when it has said nothing for this long. */
    readonly stuck: number
    readonly push: number
    /** Calls of the model; the door counts them for every agent, and refuses more. */
    readonly turns?: number
    /** US dollars that this run may still cost; the door counts them for every agent, and refuses more. */
    readonly budget?: number
  }
}

/** An MCP server that the operator configured. */
export type Tool =
  /** Streamable HTTP at the door: `/v1/tools/<name>`, with the run's own credential; the server's stays behind the door. */
  | { readonly name: string; readonly at: 'door' }
  /** A program in the image, for what needs no secret. */
  | {
      readonly name: string
      readonly at: 'image'
      readonly command: readonly string[]
      readonly env: Readonly<Record<string, string>>
    }

/** Bytes of a session, compressed, that the door keeps. */
export const LARGEST_SESSION = 20 * 1024 * 1024

/** Why a run did not do its work. Each has words for the author, and a cure, on our side of the door. */
export const RUN_FAILURES = [
  'clone-failed',
  'setup-failed',
  'agent-error',
  'model-unavailable',
  'budget-spent',
  'turns-spent',
  'stuck',
  'deadline',
  'push-refused',
  'disk-full',
  'interrupted',
  'internal-error',
] as const
export type RunFailure = (typeof RUN_FAILURES)[number]

/** Tokens and money of this run alone, in US dollars; what the agent does not tell is left out. */
export type Usage = {
  readonly turns?: number
  readonly inputTokens?: number
  readonly outputTokens?: number
  readonly costUsd?: number
}

/** Work that stands on the branch at the door's other side. */
export type Pushed = {
  /** The request's branch, or `<branch>-2` when that one had moved and the work conflicted with it. */
  readonly branch: string
  readonly commit: string
  /** Commits on the branch since `base`. */
  readonly commits: number
  readonly files: readonly { readonly path: string; readonly added: number; readonly removed: number }[]
}

/** What the container leaves with `PUT /v1/outcome`, once. */
export type Outcome = {
  readonly protocol: typeof PROTOCOL
  /** `pushed`: there is a change. `unchanged`: the answer is all there is. `failed`: it did not work, see `failure`. */
  readonly result: 'pushed' | 'unchanged' | 'failed'
  /** With `failed` too, when unfinished work was saved. */
  readonly pushed?: Pushed
  readonly failure?: { readonly cause: RunFailure; readonly message: string }
  /** One line, for the merge request's title. */
  readonly title?: string
  /** The agent's last words, Markdown. */
  readonly answer?: string
  readonly usage?: Usage
  /** Sentences that the author should read: conflict markers left behind, a tool that did not connect. */
  readonly warnings: readonly string[]
  /** Milliseconds that each finished step took. */
  readonly took: Readonly<Partial<Record<'clone' | 'setup' | 'agent' | 'push', number>>>
}

export type LastWords = { readonly cause?: RunFailure; readonly branch?: string; readonly commit?: string }

/** The parts of a run that people see, in their order. */
export const PHASES = ['clone', 'setup', 'agent', 'push'] as const
export type Phase = (typeof PHASES)[number]

/** `PUT /v1/activity`: what the run is doing now, one line for people, and the part of it that this belongs to. */
export type Activity = { readonly text: string; readonly phase?: Phase }

/** The answer to `PATCH /v1/log`, with 200 and with 416 alike: the raw byte the door wants next. */
export type LogPosition = { readonly offset: number }

/**
 * The entrypoint's exit codes: 0 for `pushed` and `unchanged`, otherwise the cause, whether or not the outcome could be
 * left at the door. So a cluster that lost the outcome still knows why.
 */
export const EXIT = {
  done: 0,
  'clone-failed': 10,
  'setup-failed': 11,
  'agent-error': 12,
  'model-unavailable': 13,
  'budget-spent': 14,
  'turns-spent': 15,
  stuck: 16,
  deadline: 17,
  'push-refused': 18,
  'disk-full': 19,
  /** The door does not know this attempt any more, or could not be reached until the deadline. */
  'door-closed': 20,
  'internal-error': 70,
  interrupted: 143,
} as const
