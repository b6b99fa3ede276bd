/** GitLab's access levels in words; a custom role carries the level of its base. */
export function role(level: number): string {
  if (level >= 50) return 'Owner'
  if (level >= 40) return 'Maintainer'
  if (level >= 30) return 'Developer'
  if (level >= 20) return 'Reporter'
  if (level >= 15) return 'Planner'
  return level >= 10 ? 'Guest' : 'none'
}
