import type { Time } from './entities.ts'

/** A group, or a subgroup of one. */
export type Group = {
  id: number
  parentId: number | null
  path: string
  name: string
  /** `demo/tools` */
  fullPath: string
  createdAt: Time
}

/** That a person belongs to a group, and so to everything below it. */
export type GroupMember = { id: number; groupId: number; personId: number; accessLevel: number; createdAt: Time }
