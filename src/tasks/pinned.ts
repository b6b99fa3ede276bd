/**
 * What a task keeps of its project's ways from the moment when it is asked for: what was agreed on then, and what is needed where GitLab is
 * not asked (a look, a launch, each call at the door). What steers the run itself, and who may ask, is read anew at each attempt.
 */

import type { Ways } from './receive.ts'

export type Pinned = Pick<Ways, 'trigger' | 'labels' | 'turns' | 'time' | 'image' | 'tools'>

export function pin({ trigger, labels, turns, time, image, tools }: Ways): Pinned {
  return { trigger, labels, turns, time, image, tools }
}
