import { argumentsOf } from './graphqlArguments.ts'
import { type GraphqlDocument, GraphqlError, type GraphqlSelection } from './graphqlDocument.ts'
import { graphqlSchema } from './graphqlSchema.ts'
import type { GraphqlArgs, GraphqlFieldType } from './graphqlTypes.ts'

/**
 * Refuses what GitLab's schema does not have, wherever in the query it stands and whatever there is to see: fields, arguments,
 * types of fragments, selections of what has no fields.
 */
export function checkQuery(document: GraphqlDocument, variables: GraphqlArgs): void {
  const check = (type: string, selections: readonly GraphqlSelection[]) => {
    for (const selection of selections) {
      if (selection.kind !== 'field') {
        const part = fragmentOf(document, selection)
        check(part.type, part.selections)
        continue
      }
      if (selection.name === '__typename') continue
      const known = graphqlSchema[type]?.[selection.name]
      if (known === undefined) {
        const extensions = { code: 'undefinedField', typeName: type, fieldName: selection.name }
        throw new GraphqlError(`Field '${selection.name}' doesn't exist on type '${type}'`, selection, extensions)
      }
      argumentsOf(selection, type, known, variables, document)
      checkShape(selection.name, known, selection)
      if (known.type !== undefined) check(known.type, selection.selections ?? [])
    }
  }
  check('Query', document.selections)
}

/** What a fragment stands for. */
export function fragmentOf(
  document: GraphqlDocument,
  selection: Exclude<GraphqlSelection, { readonly kind: 'field' }>,
): { readonly type: string; readonly selections: readonly GraphqlSelection[] } {
  const part = selection.kind === 'inline' ? selection : document.fragments.get(selection.name)
  const start = { line: 1, column: 1 }
  if (part === undefined) throw new GraphqlError('Fragment was used, but not defined', start)
  if (graphqlSchema[part.type] === undefined) {
    throw new GraphqlError(`No such type ${part.type}, so it can't be a fragment condition`, start)
  }
  return part
}

function checkShape(
  name: string,
  { type }: GraphqlFieldType,
  field: {
    readonly selections: readonly GraphqlSelection[] | undefined
    readonly line: number
    readonly column: number
  },
): void {
  if (type === undefined && field.selections !== undefined) {
    throw new GraphqlError(`Selections can't be made on scalars (field '${name}' has selections)`, field)
  }
  if (type !== undefined && field.selections === undefined) {
    const words = `Field must have selections (field '${name}' returns ${type} but has no selections)`
    throw new GraphqlError(words, field)
  }
}
