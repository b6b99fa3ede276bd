import { z } from 'zod'
import type { Address } from './pageAddress.ts'
import type { Wish } from './pageCall.ts'

const text = z.string()
const flag = z.enum(['true', 'false'])

/** What the forms of the pages can do. `do` is the value of the button. */
const Form = z.discriminatedUnion('do', [
  z.object({ do: z.literal('comment'), body: text, internal: flag.optional() }),
  z.object({ do: z.literal('thread'), body: text }),
  z.object({ do: z.literal('line'), body: text, line: text.regex(/^\d*_\d*$/), position: z.record(text, text) }),
  z.object({ do: z.literal('reply'), discussion: text, body: text }),
  z.object({ do: z.literal('resolve'), discussion: text, resolved: flag }),
  z.object({ do: z.literal('label'), label: text }),
  z.object({ do: z.literal('unlabel'), label: text }),
  z.object({ do: z.literal('assign'), person: text }),
  z.object({ do: z.literal('state'), event: z.enum(['close', 'reopen']) }),
  z.object({ do: z.literal('merge') }),
  z.object({ do: z.literal('open'), title: text, description: text }),
])

/** The call of the API that a form on a page stands for; undefined for a form that this page does not have. */
export function wishOf(address: Address, fields: unknown): Wish | undefined {
  const form = Form.safeParse(fields).data
  if (form === undefined) return undefined
  if (address.page === 'list') {
    if (form.do !== 'open' || address.kind !== 'issues') return undefined
    const { title, description } = form
    return {
      method: 'post',
      route: '/projects/:id/issues',
      parts: { id: address.project },
      fields: { title, description },
    }
  }
  if (address.page !== 'discussion' || form.do === 'open') return undefined
  const thing = `/projects/:id/${address.kind}/:iid`
  const parts = { id: address.project, iid: address.iid }
  const update = (changes: Wish['fields']): Wish => ({ method: 'put', route: thing, parts, fields: changes })
  switch (form.do) {
    case 'comment':
      return { method: 'post', route: `${thing}/notes`, parts, fields: { body: form.body, internal: form.internal } }
    case 'thread':
      return { method: 'post', route: `${thing}/discussions`, parts, fields: { body: form.body } }
    case 'line': {
      const [old, next] = form.line.split('_').map((number) => (number === '' ? null : Number(number)))
      const position = { ...form.position, position_type: 'text', old_line: old, new_line: next }
      return { method: 'post', route: `${thing}/discussions`, parts, fields: { body: form.body, position } }
    }
    case 'reply': {
      const route = `${thing}/discussions/:discussion_id/notes`
      return { method: 'post', route, parts: { ...parts, discussion_id: form.discussion }, fields: { body: form.body } }
    }
    case 'resolve': {
      const within = { ...parts, discussion_id: form.discussion }
      const route = `${thing}/discussions/:discussion_id`
      return { method: 'put', route, parts: within, fields: { resolved: form.resolved } }
    }
    case 'label':
      return update({ add_labels: form.label })
    case 'unlabel':
      return update({ remove_labels: form.label })
    case 'assign':
      return update({ assignee_ids: form.person })
    case 'state':
      return update({ state_event: form.event })
    case 'merge':
      return address.kind === 'issues' ? undefined : { method: 'put', route: `${thing}/merge`, parts, fields: {} }
  }
}
