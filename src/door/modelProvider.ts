/** What the door knows of a provider's API. One file for each: modelAnthropic.ts, modelOpenai.ts, modelGemini.ts. */

import type { IncomingHttpHeaders } from 'node:http'
import type { Reading } from './modelMeter.ts'

/** How a provider, or a gateway that speaks its API, is reached. Neither key nor token where it needs none. */
export type Access = { readonly baseUrl: string; readonly apiKey?: string; readonly authToken?: string }

/** A call that is passed on. A key is not lent for anything else, such as files or an organization's settings. */
export type OpenCall = {
  readonly method: RegExp
  /** With a group `model` where the path names it. */
  readonly path: RegExp
  /** Whether it makes the model work, and so counts as a turn, and costs. */
  readonly generates: boolean
  /** Where the call says which model it is for; undefined where it is for none. */
  readonly model?: 'body' | 'path'
}

/** One API. */
export type Provider = {
  readonly name: 'anthropic' | 'openai' | 'gemini'
  /** As people call it. */
  readonly label: string
  /** The variable that its key is in. */
  readonly variable: string
  readonly open: readonly OpenCall[]
  /** The parts of a query that are passed on, and what they may be; all else stays here. */
  readonly query: ReadonlyMap<string, RegExp>
  /** Where its clients put the key, which here is the run's credential. `url`: as it came, a path with its query. */
  credential(headers: IncomingHttpHeaders, url: string): string | undefined
  /** The address of a path of the API. */
  url(baseUrl: string, path: string): string
  keyHeaders(access: Access): Record<string, string>
  /** An error in the shape that its clients understand, so that the agent shows the sentence. */
  error(status: 400 | 401 | 403 | 404 | 429 | 503, message: string): object
  readonly reading: Reading
  /** How it refuses a key where that is not a plain 401: the status, and a word in the body. */
  readonly wrongKey?: { readonly status: number; readonly says: string }
}
