/** What an agent leaves behind: a stand-in that works with a shell and then says, as Claude Code does, that it is done. */

import { type Attempt, newAttempt, type Wish } from './attempt.ts'

/** What Claude Code says at its end. */
export const DONE = `echo '{"type":"result","subtype":"success","is_error":false,"result":"Done.","num_turns":1}'`

/** An attempt whose agent runs `commands` in the clone. */
export async function left(commands: string, wish: Wish = {}): Promise<Attempt> {
  const attempt = await newAttempt({ agent: 'claude', ...wish })
  attempt.standIn(`#!/bin/bash
cat >prompt.read && rm prompt.read
{
${commands}
} >&2
${DONE}
`)
  return attempt
}
