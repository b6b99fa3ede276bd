/**
 * A scripted model: what it says, and how it fails, step by step. `startModel` (server.ts) plays a script on loopback to
 * any agent, whatever API that speaks.
 *
 *   await using model = await startModel({
 *     steps: [
 *       { error: { status: 429, headers: { 'retry-after': '0' } }, times: 2 },       // two tries fail,
 *       { text: 'I look first.', calls: [{ tool: 'Read', input: { file_path: '{{cwd}}/README.md' } }] },
 *       { text: 'It says {{last_tool_result}}.', usage: { input: 1000, output: 50 } }, // the end: no calls
 *     ],
 *   })
 *   … the agent's base URL is model.url; afterwards model.asked tells what it sent.
 *
 * A step is an answer, which becomes a message of the assistant, or a fault, which does not. Faults stand before the answer
 * that comes after them. Two modes:
 * - `turn` (the default): stateless but for the faults. The n-th answer of the script is given to a request that holds n messages of the
 *   assistant, so retries, restarts and parallel runs are right. A resumed session sends its old answers again: its script is
 *   the first run's answers and then its own (and Claude Code puts a message of its own behind what was interrupted).
 * - `sequence`: every request takes the next step, whatever it holds.
 * Requests that offer no tools are side calls (titles, summaries): they get `side` and take no step. A request for which
 * there is no step is refused with 400, and stands in `model.unscripted`.
 * `{{cwd}}`, `{{prompt}}` (the newest words of the person) and `{{last_tool_result}}` are filled in, in texts and in inputs.
 * Tools are named as the agent names them: Claude `Bash`, `Write`; Codex `exec_command`, `apply_patch` (a string as input).
 */

export type Script = {
  readonly steps: readonly Step[]
  readonly mode?: 'turn' | 'sequence'
  /** The answer to side calls. */
  readonly side?: string
}

export type Step = Answer | Fault

export type Answer = {
  readonly text?: string
  readonly calls?: readonly ToolCall[]
  /** Exactly what the model says it used; a thousand in and a hundred out where it is not given. */
  readonly usage?: Tokens
  /** Why it stopped, where it is not that it was done or calls tools. */
  readonly stop?: 'max_tokens' | 'refusal'
  /** Milliseconds before the first byte. */
  readonly delay?: number
}

export type ToolCall = { readonly tool: string; readonly input: ToolInput }
/** A string for tools that take free text instead of JSON. */
export type ToolInput = Readonly<Record<string, unknown>> | string

export type Tokens = {
  readonly input?: number
  readonly output?: number
  readonly cacheRead?: number
  readonly cacheWrite?: number
}

export type Fault = {
  /** How many requests it meets; 1 where it is not given. */
  readonly times?: number | 'always'
  /** Milliseconds before the first byte. */
  readonly delay?: number
} & (
  | { readonly error: ModelError }
  /** The request is taken, and nothing ever comes. */
  | { readonly hang: true }
  /** This text's first events, so many of them, and then the connection is cut. */
  | { readonly drop: number; readonly text: string }
  /** The same, but nothing more comes. */
  | { readonly stall: number; readonly text: string }
)

export type ModelError = {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly message?: string
}

/** What a front end understood of one request, whatever API it came in. */
export type Asked = {
  readonly model: string
  /** Whether the answer is wanted as events. */
  readonly stream: boolean
  /** Words of people, oldest first, without results of tools and without what the agent adds in tags of its own. */
  readonly prompts: readonly string[]
  readonly toolResults: readonly string[]
  /** Messages of the assistant. */
  readonly answers: number
  /** Messages of anybody. */
  readonly messages: number
  /** Names of the tools that are offered; none: a side call. */
  readonly tools: readonly string[]
  /** Everything that stands in the request as text: instructions, messages. */
  readonly whole: string
}

/** An answer with everything filled in. */
export type Reply = {
  readonly text: string
  readonly calls: readonly ToolCall[]
  readonly usage: Required<Tokens>
  readonly stop: 'end' | 'tools' | 'max_tokens' | 'refusal'
}

/** Faults make no message of the assistant. */
export function isFault(step: Step): step is Fault {
  return 'error' in step || 'hang' in step || 'drop' in step || 'stall' in step
}
