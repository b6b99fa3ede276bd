/** Holds answers against an OpenAPI description, and remembers which of those it tells of were seen. */

import { expect } from 'vitest'
import { z } from 'zod'

type Schema = Parameters<typeof z.fromJSONSchema>[0]
type Operation = {
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Schema }>> }>
  >
}
type Document = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> }
}

export type Described = ReturnType<typeof describedAnswers>

export function describedAnswers(description: unknown) {
  const document = description as Document
  const seen = new Set<string>()
  const validators = new Map<string, z.ZodType>()
  const templates = Object.keys(document.paths)
    .map((path) => ({ path, pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`) }))
    // What is spelt out goes before what stands for something.
    .sort((a, b) => Number(a.path.includes('{')) - Number(b.path.includes('{')))

  function validator(key: string, schema: Schema): z.ZodType {
    const known = validators.get(key)
    if (known !== undefined) return known
    const own = (text: string) => JSON.parse(text.replaceAll('#/components/schemas/', '#/$defs/'))
    const whole = own(JSON.stringify({ ...(schema as object), $defs: document.components.schemas }))
    const made = z.fromJSONSchema(whole)
    validators.set(key, made)
    return made
  }

  return {
    routes: templates.flatMap(({ path }) =>
      Object.keys(document.paths[path] ?? {}).map((method) => ({ method: method.toUpperCase(), path })),
    ),
    check(method: string, address: string, status: number, type: string, text: string): void {
      const path = address.split('?')[0] ?? ''
      const template = templates.find(({ pattern }) => pattern.test(path))?.path ?? ''
      const name = `${method} ${template === '' ? path : template} ${status}`
      const operation = document.paths[template]?.[method === 'HEAD' ? 'get' : method.toLowerCase()]
      const answer = operation?.responses[status]
      expect(answer, `${name} is described`).toBeDefined()
      if (method === 'HEAD') return
      const content = Object.entries(answer?.content ?? {})
      const fits = content.find(([media]) => type.startsWith(media.split(';')[0] ?? ''))
      expect(fits, `${name} is of a media type that is described, and not ${type}`).toBeDefined()
      if (fits?.[0].includes('json')) {
        const parsed = validator(name, fits[1].schema).safeParse(JSON.parse(text))
        expect(parsed.error?.issues, `${name}: ${text.slice(0, 500)}`).toBeUndefined()
      }
      seen.add(name)
    },
    /** Described answers that no call has had. */
    unseen(): readonly string[] {
      const all = Object.entries(document.paths).flatMap(([path, methods]) =>
        Object.entries(methods).flatMap(([method, { responses }]) =>
          Object.keys(responses).map((status) => `${method.toUpperCase()} ${path} ${status}`),
        ),
      )
      return all.filter((name) => !seen.has(name))
    },
  }
}
