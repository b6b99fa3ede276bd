import type { Group } from './groupRows.ts'
import type { World } from './world.ts'

/** The group of that full path, in any case of letters, or of that number. */
export function groupNamed(world: World, name: string): Group | undefined {
  if (/^\d+$/.test(name)) return world.groups.get(Number(name))
  return world.groups.find((group) => group.fullPath.toLowerCase() === name.toLowerCase())
}

/** A group and all that it lies in, from the inside out. */
export function groupsAbove(world: World, fullPath: string): Group[] {
  const found: Group[] = []
  let group = groupNamed(world, fullPath)
  while (group !== undefined) {
    found.push(group)
    group = group.parentId === null ? undefined : world.groups.get(group.parentId)
  }
  return found
}

/** Whether a namespace is the group, or lies in it. */
export function isBelow(namespace: string, group: Group): boolean {
  return namespace === group.fullPath || namespace.startsWith(`${group.fullPath}/`)
}
