/** What the operator may say about the MCP servers that agents use. Read and checked at the start, by config.ts. */

import { readFileSync } from 'node:fs'
import { validateHeaderName, validateHeaderValue } from 'node:http'
import { z } from 'zod'

/** These say what is said, and belong to the door and the agent. */
const TAKEN = /^(mcp-.*|host|connection|content-.*|transfer-encoding|accept|accept-encoding|last-event-id)$/i
/** Nothing that opens a door stands in a configuration file. */
const SECRET = /auth|token|key|secret|password|cookie|credential/i

const value = z.union([
  z.string().describe('What is no secret.'),
  z.strictObject({
    file: z.string().min(1).describe('A file that holds the value, read anew at every use.'),
    prefix: z.string().default('').describe('Stands before it: "Bearer ".'),
  }),
])

const headers = z
  .record(z.string().refine(isHeaderName, 'not the name of a header that may be set here'), value)
  .refine((all) => Object.entries(all).every(([name, given]) => typeof given !== 'string' || !SECRET.test(name)), {
    error: 'a value that is a secret is given as { file: … }, not as text',
  })

const atDoor = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).describe('Its address, for streamable HTTP: https://mcp.example.com/mcp.'),
  headers: headers
    .default({})
    .describe("What opens it; a secret as { file: … }. It stays behind Errand's door, no run ever sees it."),
  allow: z
    .array(z.string().regex(/^[\w.*/-]+$/, 'a name of a tool, * stands for anything'))
    .min(1)
    .optional()
    .describe(
      'The tools that agents may use: get_issue, list_*. Without it, those that the server marks as read-only.',
    ),
  projects: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe(
      'For a server that reads GitLab: the arguments of its tools that name a project. Every call has to name one, and the person who asked has to be allowed to read it.',
    ),
})

const inImage = z.strictObject({
  command: z
    .array(z.string().min(1))
    .min(1)
    .describe('A program in the image, and its arguments. For what needs no secret.'),
  env: z
    .record(z.string().regex(/^[A-Za-z_]\w*$/, 'the name of a variable'), z.string())
    .default({})
    .describe('Its environment. Everyone who may ask can read it: no secrets.'),
})

/** By the name that the agent knows the server by. */
export const ToolsSettings = z
  .record(
    z.string().regex(/^[a-z][a-z0-9_-]{0,31}$/, 'a name of small letters, digits, - and _'),
    z.union([atDoor, inImage], { error: 'either url (a server behind the door), or command (a program in the image)' }),
  )
  .default({})

export type ToolsSettings = z.output<typeof ToolsSettings>
export type AtDoor = z.output<typeof atDoor>
type HeaderValue = z.output<typeof value>

/** What is wrong with the files that the settings name, each with its setting. */
export function problemsOfTools(settings: ToolsSettings): readonly string[] {
  return Object.entries(settings).flatMap(([name, server]) =>
    Object.entries('url' in server ? server.headers : {}).flatMap(([header, given]) => {
      try {
        const text = headerText(given)
        validateHeaderValue(header, text)
        return text.trim() === '' ? [`tools.${name}.headers.${header}: is empty`] : []
      } catch (error) {
        return [`tools.${name}.headers.${header}: ${error instanceof Error ? error.message : String(error)}`]
      }
    }),
  )
}

/** The header's value now. Throws when its file cannot be read. */
export function headerText(given: HeaderValue): string {
  return typeof given === 'string' ? given : `${given.prefix}${readFileSync(given.file, 'utf8').trim()}`
}

/** The last that each file held: while one is exchanged, what it held is still a secret. */
const last = new Map<string, string>()

/** Everything in the settings that is to be masked: the files' contents, and what is packed in them for basic authentication. */
export function secretsOfTools(settings: ToolsSettings): readonly string[] {
  const given = Object.values(settings).flatMap((server) => ('url' in server ? Object.values(server.headers) : []))
  return given.flatMap((one) => {
    if (typeof one === 'string') return []
    try {
      last.set(one.file, headerText({ ...one, prefix: '' }))
    } catch {
      // Said where it is used.
    }
    const text = last.get(one.file)
    return text === undefined ? [] : [...new Set([text, ...wordsOf(text)])]
  })
}

/** `Bearer x` and `Basic x` hold x; that of Basic, or of a file after such a prefix, may be `user:password` in base64. */
function wordsOf(text: string): readonly string[] {
  const word = text.split(/\s+/).at(-1) ?? ''
  const pair = Buffer.from(word, 'base64').toString()
  const isPair = Buffer.from(pair).toString('base64') === word && /^[\x20-\x7e]+:[\x20-\x7e]+$/.test(pair)
  return isPair ? [word, pair, pair.slice(pair.indexOf(':') + 1)] : [word]
}

function isHeaderName(name: string): boolean {
  try {
    validateHeaderName(name)
    return !TAKEN.test(name)
  } catch {
    return false
  }
}
