/** docs/configure.md: every setting there is, made of the schemas that validate it. Pure. */

import { homedir } from 'node:os'
import { z } from 'zod'
import { environmentSchema, SECRETS } from '../config.ts'
import { agentFileJsonSchema } from '../gitlab/projectFileSchema.ts'
import { Settings } from '../settings.ts'

/** The parts of a JSON schema that say something to a person. */
type Schema = {
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly default?: unknown
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: Schema | boolean
  readonly items?: Schema
  readonly prefixItems?: readonly Schema[]
  readonly anyOf?: readonly Schema[]
}

type Row = { readonly name: string; readonly kind: string; readonly usual: string; readonly about: string }

const HEAD = `# Configure

This page is made of the schemas that check the configuration: \`npm run schema\` writes it. What is wrong in a configuration is said at the start, all of
it at once, each with its place and its cure.

## The environment

Each secret may be given as \`NAME\`, or as \`NAME_FILE\`, a file that is read anew at each use: change the file, and the next call uses it.
`

export function configurePage(): string {
  const settings = z.toJSONSchema(Settings, { io: 'input' }) as Schema
  const environment = z.toJSONSchema(environmentSchema, { io: 'input', unrepresentable: 'any' }) as Schema
  const project = agentFileJsonSchema() as Schema
  return [
    HEAD,
    table(rowsOf(environment, ''), 'Variable'),
    '',
    '| Secret | | What it is |\n| --- | --- | --- |',
    ...Object.entries(SECRETS).map(
      ([name, { required, about }]) => `| \`${name}\` | ${required ? 'needed' : ''} | ${cell(about)} |`,
    ),
    '',
    '| Variable | | What it is |\n| --- | --- | --- |',
    '| `ERRAND_CONFIG` | | The YAML file of the next chapter. Without it everything is as it usually is. |',
    '',
    '## The file that `ERRAND_CONFIG` names\n\nYAML. Durations are seconds, money is US dollars. Unknown keys are refused, so that nothing misspelt is passed over.\n',
    table(rowsOf(settings, ''), 'Setting'),
    '',
    "## A project's own file: `.gitlab/agent.yml`\n\nOn the default branch. What is wrong in it is said in the next task's status comment, and the rest counts. Editors check it with\n[agent.yml.schema.json](agent.yml.schema.json).\n",
    table(rowsOf(project, ''), 'Key'),
    '',
  ].join('\n')
}

/** One row for each value that can be set, by its path. */
function rowsOf(schema: Schema, path: string): readonly Row[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, value]) => {
    const name = path === '' ? key : `${path}.${key}`
    const needed = schema.required?.includes(key) === true && value.default === undefined
    return rowsOfValue(value, name, needed)
  })
}

function rowsOfValue(value: Schema, name: string, needed: boolean): readonly Row[] {
  const { properties, additionalProperties: more, items, anyOf } = value
  const own: Row = { name, kind: kindOf(value), usual: usualOf(value, needed), about: value.description ?? '' }
  if (properties !== undefined) {
    const inner = rowsOf(value, name)
    return value.description === undefined ? inner : [own, ...inner]
  }
  if (typeof more === 'object' && isStructured(more)) return [own, ...rowsOfValue(more, `${name}.<name>`, false)]
  if (items?.properties !== undefined) return [own, ...rowsOf(items, `${name}[]`)]
  const structured = anyOf?.filter(isStructured) ?? []
  const inner = structured.flatMap((one) => rowsOf(one, name))
  // What is one of several things without a word of its own is told by those.
  return own.about === '' && inner.length > 0 ? inner : [own, ...inner]
}

function isStructured({ properties, anyOf }: Schema): boolean {
  return properties !== undefined || (anyOf?.some(isStructured) ?? false)
}

function kindOf({
  type,
  enum: values,
  const: only,
  anyOf,
  items,
  prefixItems,
  additionalProperties: more,
}: Schema): string {
  if (only !== undefined) return `\`${JSON.stringify(only)}\``
  if (values !== undefined) return values.map((value) => `\`${String(value)}\``).join(', ')
  if (anyOf !== undefined) return [...new Set(anyOf.map(kindOf))].filter((kind) => kind !== '').join(' or ')
  if (prefixItems !== undefined) return `list of ${prefixItems.length}`
  if (type === 'array') return `list of ${items === undefined ? 'anything' : plural(kindOf(items))}`
  if (typeof more === 'object') return 'by name'
  if (type === 'object') return ''
  return typeof type === 'string' ? (WORDS[type] ?? type) : (type ?? []).map((one) => WORDS[one] ?? one).join(' or ')
}

const WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'number',
  integer: 'whole number',
  boolean: 'yes or no',
}

function plural(kind: string): string {
  return kind === 'text' ? 'texts' : kind === '' ? 'the following' : kind
}

function usualOf(value: Schema, needed: boolean): string {
  if (needed) return 'needed'
  if (value.default === undefined || typeof value.default === 'object') return ''
  if (value.default === '') return 'empty'
  return `\`${String(value.default).replace(homedir(), '~')}\``
}

function table(rows: readonly Row[], first: string): string {
  const lines = rows.map(
    ({ name, kind, usual, about }) => `| \`${name}\` | ${cell(kind)} | ${cell(usual)} | ${cell(about)} |`,
  )
  return [`| ${first} | Kind | Unless set | What it is |`, '| --- | --- | --- | --- |', ...lines].join('\n')
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}
