import { z } from 'zod'
import { type Answer, type Call, ok } from './call.ts'
import { argumentsOf, variablesOf } from './graphqlArguments.ts'
import { checkQuery, fragmentOf } from './graphqlCheck.ts'
import {
  type GraphqlDocument,
  GraphqlError,
  type GraphqlField,
  type GraphqlSelection,
  readDocument,
} from './graphqlDocument.ts'
import { graphqlSchema } from './graphqlSchema.ts'
import type { GraphqlArgs, GraphqlContext } from './graphqlTypes.ts'

const Request = z.object({
  query: z.string().optional(),
  variables: z.record(z.string(), z.unknown()).optional(),
  operationName: z.string().optional(),
})

type Query = { readonly document: GraphqlDocument; readonly variables: GraphqlArgs; readonly context: GraphqlContext }

/** POST /api/graphql. What is wrong with a query is told with 200, and then there is no data at all. */
export function answerGraphql(call: Call): Answer {
  const { query, variables: given = {} } = call.input(Request)
  if (query === undefined || query.trim() === '') return ok({ errors: [{ message: 'No query string was present' }] })
  try {
    const document = readDocument(query)
    const variables = variablesOf(document, given)
    checkQuery(document, variables)
    const { world, visitor } = call
    return ok({
      data: object({ document, variables, context: { world, visitor } }, 'Query', null, document.selections),
    })
  } catch (error) {
    if (!(error instanceof GraphqlError)) throw error
    const { message, line, column, extensions } = error
    const more = extensions === undefined ? {} : { extensions }
    return ok({ errors: [{ message, locations: [{ line, column }], ...more }] })
  }
}

/** One object with the fields that were asked for, those of fragments for its type among them. */
function object(query: Query, type: string, source: unknown, selections: readonly GraphqlSelection[]): object {
  const shown: Record<string, unknown> = {}
  for (const selection of selections) {
    if (selection.kind === 'field') {
      shown[selection.key] = fieldValue(query, type, source, selection)
      continue
    }
    const part = fragmentOf(query.document, selection)
    if (part.type === type || part.type === typeOf(source)) {
      Object.assign(shown, object(query, part.type, source, part.selections))
    }
  }
  return shown
}

function fieldValue(query: Query, type: string, source: unknown, field: GraphqlField): unknown {
  if (field.name === '__typename') return typeOf(source) ?? type
  const known = graphqlSchema[type]?.[field.name]
  if (known === undefined) throw new Error(`The query was not checked: ${type}.${field.name}`)
  const args = argumentsOf(field, type, known, query.variables, query.document)
  const value = known.get(source as never, args, query.context) ?? null
  const { type: inner } = known
  if (inner === undefined || value === null) return value
  const show = (item: unknown) => object(query, inner, item, field.selections ?? [])
  return Array.isArray(value) ? value.map(show) : show(value)
}

/** An object of one of several types, such as a widget, says of which it is. */
function typeOf(source: unknown): string | undefined {
  const named = z.object({ __typename: z.string() }).safeParse(source)
  return named.success ? named.data.__typename : undefined
}
