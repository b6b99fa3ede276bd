import type { Answer, Call, Handler, Routes } from './call.ts'
import type { Person } from './entities.ts'
import { recordEvents } from './hookEventLog.ts'
import { checked } from './input.ts'
import { Refusal } from './refusal.ts'
import type { World } from './world.ts'

/** Who looks at which path of the sandbox. */
export type Visit = { readonly world: World; readonly person: Person; readonly path: string }

/** What a form asks of the API: a route as it was registered, its parts, and the fields. */
export type Wish = {
  readonly method: 'post' | 'put'
  readonly route: string
  readonly parts: Readonly<Record<string, string>>
  readonly fields: Readonly<Record<string, unknown>>
}

/** Does what a form asks for, by the very handler that the API has, and gives the answer and the webhooks that shall go out. */
export type Doing = (visit: Visit, wish: Wish) => Promise<{ readonly answer: Answer; readonly outbox: number[] }>

/** Collects the API's handlers, so that forms do what calls do. */
export function doing(register: (on: Routes) => void): Doing {
  const handlers = new Map<string, Handler>()
  register((method, path, handle) => handlers.set(`${method} ${path}`, handle))
  return async (visit, { method, route, parts, fields }) => {
    const handle = handlers.get(`${method} ${route}`)
    if (handle === undefined) throw new Error(`The sandbox's API has no ${method} ${route}.`)
    const outbox: number[] = []
    try {
      return { answer: await handle(callAs(visit, parts, fields, outbox)), outbox }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      return { answer: { status: error.status, body: error.body }, outbox }
    }
  }
}

/** A call in somebody's name that reads, to ask of the API's own functions what they may see. */
export function reading(visit: Visit, parts: Readonly<Record<string, string>>): Call {
  return callAs(visit, parts, {}, [])
}

function callAs(
  { world, person, path }: Visit,
  parts: Readonly<Record<string, string>>,
  fields: Readonly<Record<string, unknown>>,
  outbox: number[],
): Call {
  return {
    world,
    visitor: person,
    token: undefined,
    url: new URL(path, world.url),
    param: (name) => parts[name] ?? '',
    input: (schema) => checked(schema, fields),
    deed: () => ({
      world,
      person,
      tell: (flag, project, payload) => outbox.push(...recordEvents(world, flag, project, payload)),
    }),
  }
}
