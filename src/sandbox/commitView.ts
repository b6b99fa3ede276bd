import { fullPath } from './access.ts'
import type { Project } from './entities.ts'
import type { Commit } from './gitFacts.ts'
import type { World } from './world.ts'

/** A commit as the API shows it. */
export function commitView(world: World, project: Project, commit: Commit) {
  return {
    id: commit.id,
    short_id: commit.id.slice(0, 8),
    created_at: commit.committer.date,
    parent_ids: commit.parents,
    title: commit.message.split('\n')[0] ?? '',
    message: commit.message,
    author_name: commit.author.name,
    author_email: commit.author.email,
    authored_date: commit.author.date,
    committer_name: commit.committer.name,
    committer_email: commit.committer.email,
    committed_date: commit.committer.date,
    trailers: {},
    extended_trailers: {},
    web_url: `${world.url}/${fullPath(project)}/-/commit/${commit.id}`,
  }
}
