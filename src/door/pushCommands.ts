/** What a push asks for: the part of git-receive-pack's input that stands before the pack (gitprotocol-pack). */

import { readPacket } from './pktLine.ts'

/** One ref to be moved. All zeros: `before` it does not exist, `after` it is to be deleted. */
export type Command = { readonly before: string; readonly after: string; readonly ref: string }

export type PushRequest = {
  /** Empty for git's probe, with which it asks whether it may speak at all. */
  readonly commands: readonly Command[]
  readonly capabilities: readonly string[]
  readonly options: readonly string[]
}

export type PushRead = PushRequest | 'more' | { readonly broken: string }

/** Larger is no honest request; in bytes. */
export const LARGEST_REQUEST = 1024 * 1024

const COMMAND = /^([0-9a-f]{40}|[0-9a-f]{64}) ([0-9a-f]{40}|[0-9a-f]{64}) (refs\/\S+)$/
const SHALLOW = /^shallow [0-9a-f]{40,64}$/

/** Reads from the first byte of the body. Strict, so that the server behind us cannot understand the same bytes otherwise. */
export function readPushRequest(bytes: Buffer): PushRead {
  const commands: Command[] = []
  let capabilities: readonly string[] = []
  const options: string[] = []
  let part: 'commands' | 'options' = 'commands'
  let at = 0
  for (;;) {
    const read = readPacket(bytes, at)
    if (read === 'more') return bytes.length > LARGEST_REQUEST ? { broken: 'its list of refs is too long' } : 'more'
    if (read === 'broken' || read.packet === 'delimiter' || read.packet === 'end')
      return { broken: 'it is not what git sends' }
    at = read.next
    if (read.packet === 'flush') {
      if (part === 'options' || !hasOptions(capabilities)) return { commands, capabilities, options }
      part = 'options'
      continue
    }
    const text = read.packet.toString('utf8').replace(/\n$/, '')
    if (part === 'options') {
      options.push(text)
      continue
    }
    const [line = '', named, ...rest] = text.split('\0')
    const [, before, after, ref] = COMMAND.exec(line) ?? []
    if (before !== undefined && after !== undefined && ref !== undefined && before.length === after.length) {
      if (rest.length > 0 || (named !== undefined && commands.length > 0)) return { broken: 'it is not what git sends' }
      if (named !== undefined) capabilities = named.split(/\s+/).filter((name) => name !== '')
      commands.push({ before, after, ref })
    } else if (!SHALLOW.test(text))
      return { broken: line.startsWith('push-cert') ? 'it is signed' : 'it is not what git sends' }
  }
}

/** git takes `push-options=anything` for the same. */
function hasOptions(capabilities: readonly string[]): boolean {
  return capabilities.some((capability) => capability.split('=')[0] === 'push-options')
}

const BRANCHES = 'refs/heads/'

/** The branch that the command moves. */
export function branchOf({ ref }: Command): string {
  return ref.slice(BRANCHES.length)
}

export function isNew({ before }: Pick<Command, 'before'>): boolean {
  return /^0+$/.test(before)
}

/**
 * Why this push may not be, in words that git shows behind the ref; undefined when it may. Beside the task's branch only
 * `<branch>-2` may be created, where work goes that the branch itself does not take any more (house.md, Branches).
 */
export function judgePush({ commands, options }: PushRequest, branch: string): string | undefined {
  const [command] = commands
  if (command === undefined) return undefined
  if (commands.length > 1) return `only ${branch} may be pushed, alone`
  const second = command.ref === `${BRANCHES}${branch}-2`
  if (command.ref !== `${BRANCHES}${branch}` && !second) return `only ${branch} may be pushed`
  if (/^0+$/.test(command.after)) return `${branchOf(command)} may not be deleted`
  if (second && !isNew(command)) return `${branchOf(command)} may only be created, and it is there already`
  // GitLab acts on them as the bot: open, assign and merge a merge request, set CI variables, skip checks.
  if (options.length > 0) return 'push options are not passed on'
  return undefined
}
