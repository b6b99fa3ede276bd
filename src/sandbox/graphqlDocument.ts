/** A value of an argument: a literal, or the name of a variable. */
export type GraphqlValue = { readonly literal: unknown } | { readonly variable: string }

/** One field as it was asked for, with where it stands. */
export type GraphqlField = {
  readonly kind: 'field'
  readonly key: string
  readonly name: string
  readonly args: ReadonlyMap<string, GraphqlValue>
  readonly selections: readonly GraphqlSelection[] | undefined
  readonly line: number
  readonly column: number
}

/** A field, or fields that count only where the object is of a type (`... on Type { }`, or a named fragment). */
export type GraphqlSelection =
  | GraphqlField
  | { readonly kind: 'inline'; readonly type: string; readonly selections: readonly GraphqlSelection[] }
  | { readonly kind: 'spread'; readonly name: string }

/** A query that could be read. */
export type GraphqlDocument = {
  readonly variables: ReadonlyMap<string, { readonly type: string; readonly usual: unknown }>
  readonly selections: readonly GraphqlSelection[]
  readonly fragments: ReadonlyMap<string, { readonly type: string; readonly selections: readonly GraphqlSelection[] }>
}

/** What is wrong with a query, in GitLab's words. */
export class GraphqlError extends Error {
  readonly line: number
  readonly column: number
  readonly extensions: Readonly<Record<string, unknown>> | undefined

  constructor(
    message: string,
    { line, column }: { line: number; column: number },
    extensions?: Readonly<Record<string, unknown>>,
  ) {
    super(message)
    this.line = line
    this.column = column
    this.extensions = extensions
  }
}

type Token = { readonly text: string; readonly line: number; readonly column: number }

const pattern = /[\s,]+|#[^\n]*|\.\.\.|"(?:[^"\\\n]|\\.)*"|-?\d+(?:\.\d+)?|[_A-Za-z]\w*|[!$():=@[\]{}]/y

/**
 * Reads one query, with variables, aliases, literals and fragments, by the grammar of the GraphQL specification. Mutations,
 * directives and block strings are refused: nobody asks this sandbox for them.
 */
export function readDocument(source: string): GraphqlDocument {
  const tokens = tokensOf(source)
  let index = 0
  const peek = () => tokens[index] ?? { text: '', line: 1, column: 1 }
  const fail = (token: Token): never => {
    const words = token.text === '' ? 'Unexpected end of document' : `Parse error on "${token.text}"`
    throw new GraphqlError(`${words} at [${token.line}, ${token.column}]`, token)
  }
  const next = (): Token => {
    const token = peek()
    index += 1
    return token
  }
  const accept = (text: string): boolean => {
    if (peek().text !== text) return false
    index += 1
    return true
  }
  const expect = (text: string) => {
    if (!accept(text)) fail(peek())
  }
  const name = (): string => {
    const token = next()
    return /^[_A-Za-z]/.test(token.text) ? token.text : fail(token)
  }
  const value = (): GraphqlValue => {
    if (accept('$')) return { variable: name() }
    const token = next()
    const { text } = token
    if (text === '[') {
      const items: unknown[] = []
      while (!accept(']')) {
        const item = value()
        items.push('literal' in item ? item.literal : fail(token))
      }
      return { literal: items }
    }
    if (/^["\d-]/.test(text) || text === 'true' || text === 'false' || text === 'null') {
      return { literal: JSON.parse(text) }
    }
    return /^[_A-Za-z]/.test(text) ? { literal: text } : fail(token)
  }
  const selections = (): GraphqlSelection[] => {
    const found: GraphqlSelection[] = []
    expect('{')
    do found.push(selection())
    while (!accept('}'))
    return found
  }
  const selection = (): GraphqlSelection => {
    if (accept('...')) {
      if (accept('on')) return { kind: 'inline', type: name(), selections: selections() }
      return { kind: 'spread', name: name() }
    }
    const { line, column } = peek()
    const first = name()
    const field = accept(':') ? name() : first
    const args = new Map<string, GraphqlValue>()
    if (accept('(')) {
      while (!accept(')')) {
        const key = name()
        expect(':')
        args.set(key, value())
      }
    }
    const inner = peek().text === '{' ? selections() : undefined
    return { kind: 'field', key: first, name: field, args, selections: inner, line, column }
  }
  const typeName = (): string => {
    const inner = accept('[') ? `[${typeName()}${expectEnd(']')}` : name()
    return accept('!') ? `${inner}!` : inner
  }
  const expectEnd = (text: string) => {
    expect(text)
    return text
  }
  const variables = new Map<string, { type: string; usual: unknown }>()
  const fragments = new Map<string, { type: string; selections: GraphqlSelection[] }>()
  let query: GraphqlSelection[] | undefined
  while (index < tokens.length) {
    if (accept('fragment')) {
      const key = name()
      expect('on')
      fragments.set(key, { type: name(), selections: selections() })
      continue
    }
    if (query !== undefined) fail(peek())
    if (accept('query')) {
      if (peek().text !== '{' && peek().text !== '(') name()
      if (accept('(')) {
        while (!accept(')')) {
          expect('$')
          const key = name()
          expect(':')
          const type = typeName()
          const usual = accept('=') ? value() : { literal: undefined }
          variables.set(key, { type, usual: 'literal' in usual ? usual.literal : fail(peek()) })
        }
      }
    }
    query = selections()
  }
  return { variables, selections: query ?? fail(peek()), fragments }
}

function tokensOf(source: string): Token[] {
  const tokens: Token[] = []
  let [line, start] = [1, 0]
  for (let at = 0; at < source.length; ) {
    pattern.lastIndex = at
    const text = pattern.exec(source)?.[0]
    const column = at - start + 1
    if (text === undefined)
      throw new GraphqlError(`Parse error on "${source[at]}" at [${line}, ${column}]`, { line, column })
    if (!/^[\s,#]/.test(text)) tokens.push({ text, line, column })
    at += text.length
    for (const [offset, char] of [...text].entries()) {
      if (char !== '\n') continue
      line += 1
      start = at - text.length + offset + 1
    }
  }
  return tokens
}
