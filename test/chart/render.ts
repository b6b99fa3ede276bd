/** The chart, rendered: values → the objects that a cluster would get. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseAllDocuments, stringify } from 'yaml'
import { helm } from './tools.ts'

export const CHART = fileURLToPath(new URL('../../charts/errand', import.meta.url))

/** An object as the chart writes it; the matrix asks for its parts by hand. */
export type Rendered = {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly [key: string]: unknown
}

export const SECRET_VALUES = {
  GITLAB_TOKEN: 'planted-GITLAB_TOKEN',
  WEBHOOK_SECRETS: 'planted-WEBHOOK_SECRETS',
  OAUTH_CLIENT_SECRET: 'planted-OAUTH_CLIENT_SECRET',
}

/** The least that the chart needs. */
export const LEAST = {
  url: 'https://errand.example.com',
  gitlab: { url: 'https://gitlab.example.com' },
  image: { repository: 'registry.example.com/errand' },
  runs: { image: { repository: 'registry.example.com/errand-runtime' } },
  login: { clientId: 'the-application' },
  secrets: { values: SECRET_VALUES },
}

type Values = Readonly<Record<string, unknown>>

/** Maps are joined, anything else is replaced, as helm does with several files of values. */
export function joined(values: Values, more: Values): Values {
  const isMap = (value: unknown): value is Values =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
  const entries = Object.entries(more).map(([key, value]) => {
    const before = values[key]
    return [key, isMap(before) && isMap(value) ? joined(before, value) : value]
  })
  return { ...values, ...Object.fromEntries(entries) }
}

/** `helm template` with these values besides the least. Throws what helm says. */
export async function render(values: Values = {}, ...args: readonly string[]): Promise<readonly Rendered[]> {
  return withValues(joined(LEAST, values), async (file) => {
    const text = await helm('template', 'errand', CHART, '--namespace', 'ours', '--values', file, ...args)
    return parseAllDocuments(text)
      .map((document) => document.toJS() as Rendered | null)
      .filter((object) => object !== null)
  })
}

export async function withValues<T>(values: Values, use: (file: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'errand-values-'))
  try {
    const file = join(folder, 'values.yaml')
    await writeFile(file, stringify(values))
    return await use(file)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The one object of this kind and name; throws where there is none. */
export function the(objects: readonly Rendered[], kind: string, name?: string): Rendered {
  const found = objects.filter(({ kind: its, metadata }) => its === kind && (name ?? metadata.name) === metadata.name)
  if (found.length !== 1 || found[0] === undefined) throw new Error(`${found.length} of ${kind} ${name ?? ''}`)
  return found[0]
}

export function all(objects: readonly Rendered[], kind: string): readonly Rendered[] {
  return objects.filter((object) => object.kind === kind)
}
