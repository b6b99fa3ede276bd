/** The API's description as one plain page, for people. Pure. */

import type { Description } from './openapi.ts'

export const PAGE_STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { margin: 0 auto; padding: 1rem; max-width: 60rem; overflow-wrap: anywhere }
h2 { margin-top: 2.5rem; font-size: 1.1rem }
code { font: 0.9em ui-monospace, monospace }
table { border-collapse: collapse; width: 100% }
td { padding: 0.2rem 1rem 0.2rem 0; vertical-align: top; border-top: 1px solid #8884 }
td:first-child { white-space: nowrap; width: 9rem }
`

type Operation = {
  readonly summary?: string
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly content?: Readonly<Record<string, { readonly schema?: Schema }>> }
  readonly responses?: Readonly<Record<string, { readonly description?: string }>>
}
type Parameter = { readonly name?: string; readonly in?: string; readonly schema?: Schema }
type Schema = {
  readonly $ref?: string
  readonly description?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
}

export function apiPage(description: Description): string {
  const schemas = (description.components?.schemas ?? {}) as Readonly<Record<string, Schema>>
  const parts = Object.entries(description.paths ?? {}).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, Operation>).map(([method, operation]) =>
      section(`${method.toUpperCase()} ${path}`, operation, schemas),
    ),
  )
  const about = (description.info.description ?? '')
    .split('\n\n')
    .map((text) => `<p>${code(text)}</p>`)
    .join('\n')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Errand's API</title>
<link rel="stylesheet" href="/api/style.css">
</head>
<body>
<h1>Errand's API</h1>
${about}
<p>For programs: <a href="/api/openapi.json">openapi.json</a>, OpenAPI 3.1, with all schemas.</p>
${parts.join('\n')}
</body>
</html>
`
}

function section(title: string, operation: Operation, schemas: Readonly<Record<string, Schema>>): string {
  const given = (operation.parameters ?? []).map(({ name, in: where, schema }) =>
    row(`${name}`, `${where}. ${schema?.description ?? ''}`),
  )
  const body = resolve(operation.requestBody?.content?.['application/json']?.schema, schemas)
  const fields = Object.entries(body?.properties ?? {}).map(([name, schema]) =>
    row(name, `body${body?.required?.includes(name) === true ? ', needed' : ''}. ${schema.description ?? ''}`),
  )
  const answers = Object.entries(operation.responses ?? {}).map(([status, { description }]) =>
    row(status, description ?? ''),
  )
  return `<h2><code>${inert(title)}</code></h2>
<p>${code(operation.summary ?? '')}.</p>
<table>${[...given, ...fields, ...answers].join('\n')}</table>`
}

function resolve(schema: Schema | undefined, schemas: Readonly<Record<string, Schema>>): Schema | undefined {
  return schema?.$ref === undefined ? schema : schemas[schema.$ref.split('/').at(-1) ?? '']
}

function row(name: string, text: string): string {
  return `<tr><td><code>${inert(name)}</code></td><td>${code(text)}</td></tr>`
}

/** Text with its `code`. */
function code(text: string): string {
  return inert(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>')
}

function inert(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
