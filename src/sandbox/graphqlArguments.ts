import { type GraphqlDocument, GraphqlError, type GraphqlField } from './graphqlDocument.ts'
import type { GraphqlArgs, GraphqlFieldType } from './graphqlTypes.ts'

/** The values of a query's variables, checked against their types. */
export function variablesOf(document: GraphqlDocument, given: Readonly<Record<string, unknown>>): GraphqlArgs {
  const values: Record<string, unknown> = {}
  for (const [name, { type, usual }] of document.variables) {
    const value = given[name] ?? usual
    if (value === undefined || value === null) {
      if (type.endsWith('!')) throw invalid(`Variable $${name} of type ${type} was provided invalid value`)
      continue
    }
    if (!fits(value, type)) throw invalid(`Variable $${name} of type ${type} was provided invalid value`)
    values[name] = value
  }
  return values
}

/** The arguments of a field as it is written: unknown, missing and unfitting ones are errors. */
export function argumentsOf(
  field: GraphqlField,
  owner: string,
  type: GraphqlFieldType,
  variables: GraphqlArgs,
  document: GraphqlDocument,
): GraphqlArgs {
  const known = type.args ?? {}
  const values: Record<string, unknown> = {}
  for (const [name, value] of field.args) {
    const wanted = known[name]
    if (wanted === undefined) throw new GraphqlError(`Field '${field.name}' doesn't accept argument '${name}'`, field)
    if ('variable' in value && !document.variables.has(value.variable)) {
      throw new GraphqlError(`Variable $${value.variable} is used by anonymous query but not declared`, field)
    }
    const given = 'variable' in value ? variables[value.variable] : value.literal
    if (given === undefined || given === null) continue
    if (!fits(given, wanted)) {
      const words = `Argument '${name}' on Field '${field.name}' has an invalid value (${JSON.stringify(given)}). Expected type '${wanted}'.`
      throw new GraphqlError(words, field)
    }
    values[name] = wanted.replace('!', '').endsWith('ID') ? numbered(given, wanted, field) : given
  }
  const missing = Object.keys(known).filter((name) => known[name]?.endsWith('!') && values[name] === undefined)
  if (missing.length > 0) {
    const words = `Field '${field.name}' is missing required arguments: ${missing.join(', ')}`
    throw new GraphqlError(words, field, { code: 'missingRequiredArguments', typeName: owner })
  }
  return values
}

/** `gid://gitlab/Note/123` → 123 for a `NoteID`; a plain `ID` is passed through. An issue's id may stand for a work item's. */
function numbered(given: unknown, type: string, field: GraphqlField): unknown {
  const wanted = type.replace(/ID!?$/, '')
  if (wanted === '') return given
  const [, model, id] = /^gid:\/\/gitlab\/(\w+)\/(\d+)$/.exec(String(given)) ?? []
  if (model === undefined) throw new GraphqlError(`"${given}" is not a valid Global ID`, field)
  if (model === wanted || (wanted === 'WorkItem' && model === 'Issue')) return id
  throw new GraphqlError(`"${given}" does not represent an instance of ${wanted}`, field)
}

function fits(value: unknown, type: string): boolean {
  const inner = type.replace(/!$/, '')
  if (inner.startsWith('[')) {
    return Array.isArray(value) && value.every((item) => fits(item, inner.slice(1, -1)))
  }
  if (inner === 'Int') return Number.isInteger(value)
  if (inner === 'Boolean') return typeof value === 'boolean'
  return typeof value === 'string' || (inner === 'ID' && typeof value === 'number')
}

function invalid(message: string): GraphqlError {
  return new GraphqlError(message, { line: 1, column: 1 })
}
