import { type GitLab, goneIfRefused } from './client.ts'

/**
 * The first `most` bytes of a file as the project's default branch has it now; undefined where there is none, or where we may not read.
 * GitLab away is thrown.
 */
export async function readRaw(
  gitlab: Pick<GitLab, 'call'>,
  projectId: number,
  path: string,
  most: number,
): Promise<string | undefined> {
  const where = `projects/${projectId}/repository/files/${encodeURIComponent(path)}/raw`
  const found = await goneIfRefused(gitlab.call('GET', where, { ref: 'HEAD' }, most))
  return found === 'gone' ? undefined : String(found.body)
}
