/** What an agent is to the entrypoint: how to start it, and how to read what it says. One file per agent. */

import type { Environment } from '../environment.ts'
import type { Start } from '../given.ts'
import type { Request, RunFailure, Usage } from '../protocol.ts'

/** What an agent may know when it is started. */
export type Job = {
  readonly start: Start
  readonly request: Request
  readonly tools: readonly ToolServer[]
  /** The agent's own name of the conversation that it goes on with; its `memory` has been put back. */
  readonly session?: string
}

/** An MCP server as an agent reaches it. */
export type ToolServer =
  /** Streamable HTTP; the run's credential is its bearer token. */
  | { readonly name: string; readonly url: string }
  | { readonly name: string; readonly command: readonly string[]; readonly env: Readonly<Record<string, string>> }

/** A command line without a shell; `env` is added to the environment every agent gets, `input` is its stdin. */
export type Launch = {
  readonly file: string
  readonly args: readonly string[]
  readonly env: Environment
  readonly input: string
  /** Relative to the clone: what it reads from there that could run programs, or lead the model's traffic elsewhere. Out of its way while it runs. */
  readonly hidden?: readonly string[]
}

/** What one line of an agent's stdout tells. */
export type Told =
  /** What it is doing now, for people. */
  | { readonly kind: 'activity'; readonly text: string }
  /** Whole lines for the log, with their marks (logMarks.ts); without the last one's end. */
  | { readonly kind: 'log'; readonly text: string }
  /** It has said its last; a process that then does not end is ended. */
  | { readonly kind: 'done' }

/** How the process ended: by itself (`code`) or by a signal, and the end of its stderr. */
export type Exit = { readonly code: number | null; readonly signal: string | null; readonly said: string }

/** What came of it. Without `failure` it is a success. */
export type Ending = {
  readonly answer?: string
  readonly title?: string
  readonly usage?: Usage
  /** The agent's own name of this conversation, for a run that goes on with it. */
  readonly session?: string
  readonly warnings: readonly string[]
  readonly failure?: { readonly cause: RunFailure; readonly message: string }
}

/** Listens to one run. */
export type Listener = {
  hear(line: string): readonly Told[]
  /** A line of its stderr, which is in the log already. */
  overhear?(line: string): readonly Told[]
  end(exit: Exit): Ending
}

export type Agent = {
  readonly name: string
  /** Files and folders below its home that hold what it remembers of a conversation. */
  readonly memory: readonly string[]
  /** Why it cannot do what is asked, in words for the author. Pure; asked before anything is cloned. */
  unfit?(request: Request): string | undefined
  /** Makes ready what the agent needs below its home, and says how to start it. */
  launch(job: Job): Launch
  listen(job: Job): Listener
}
