/** A picture of every way to ask. */

import type { Camera } from './camera.ts'
import type { PictureWorld, Place } from './pictureWorld.ts'

export type Take = (world: PictureWorld, camera: Camera) => Promise<void>

const WANTED = 'Our load balancer wants to know whether the shop is alive.'

export const TRIGGERS: Readonly<Record<string, Take>> = {
  /** The README's, too. */
  async conversation(world, camera) {
    const place: Place = { on: 'issues', iid: 1 }
    const { thread } = await world.say(place, '/agent add a health check')
    await world.answered(place, 1)
    await camera.conversation('conversation', world.pageOf(place), `#thread-${thread}`)
  },

  async lines(world, camera) {
    const place = await mergeRequest(world, 'List the opening hours')
    const { id } = await world.api<{ id: string }>('developer', 'POST', `merge_requests/${place.iid}/discussions`, {
      body: '/agent say whether that includes holidays',
      position: await line(world, place, 4),
    })
    await world.answered(place, 1)
    await camera.conversation('lines', world.pageOf(place), `#thread-${id}`)
  },

  async description(world, camera) {
    const place = await world.issue('Health check', { description: `${WANTED}\n\n/agent add a health check` })
    const [discussion] = await world.answered(place, 1)
    await camera.conversation('description', world.pageOf(place), 'h1', '#description', `#thread-${discussion?.id}`)
  },

  async mention(world, camera) {
    const place = await world.issue('Health check', { description: WANTED })
    const { thread } = await world.say(place, '@errand-bot add a health check')
    await world.answered(place, 1)
    await camera.conversation('mention', world.pageOf(place), `#thread-${thread}`)
  },

  async label(world, camera) {
    const place = await world.issue('Add a health check', { description: WANTED })
    await world.api('developer', 'PUT', `issues/${place.iid}`, { add_labels: 'agent-todo' })
    await world.answered(place, 1)
    await world.until('the last label', async () => {
      const { labels } = await world.api<{ labels: string[] }>('developer', 'GET', `issues/${place.iid}`)
      return labels.includes('agent-done') ? true : undefined
    })
    await camera.conversation('label', world.pageOf(place), 'h1', '.conversation > :not(form)')
  },

  async assignment(world, camera) {
    const place = await world.issue('Add a health check', { description: WANTED })
    const { id } = await world.api<{ id: number }>('errand-bot', 'GET', '../../user')
    await world.api('developer', 'PUT', `issues/${place.iid}`, { assignee_ids: [id] })
    await world.answered(place, 1)
    await camera.conversation('assignment', world.pageOf(place), 'h1', '.conversation > :not(form)')
  },

  async review(world, camera) {
    const issue = await world.issue('Opening hours')
    await world.say(issue, '/agent write down the opening hours')
    await world.answered(issue, 1)
    const [request] = await world.api<{ iid: number }[]>('developer', 'GET', 'merge_requests?order_by=created_at')
    const place: Place = { on: 'merge_requests', iid: request?.iid ?? 0 }
    const drafts = `merge_requests/${place.iid}/draft_notes`
    for (const [number, note] of [
      [3, 'Say for whom this is written.'],
      [5, 'And on Sundays?'],
    ] as const)
      await world.api('developer', 'POST', drafts, { note, position: await line(world, place, number) })
    await world.api('developer', 'POST', `${drafts}/bulk_publish`)
    await world.answered(place, 2)
    await camera.conversation('review', world.pageOf(place), '.thread')
  },
}

/** A person's merge request, with a file of opening hours. */
async function mergeRequest(world: PictureWorld, title: string): Promise<Place> {
  const branch = 'opening-hours'
  const content = '# Opening hours\n\nMonday to Friday: 9 to 18\nSaturday: 10 to 16\n'
  await world.api('developer', 'POST', 'repository/commits', {
    branch,
    start_branch: 'main',
    commit_message: title,
    actions: [{ action: 'create', file_path: 'HOURS.md', content }],
  })
  const wish = { source_branch: branch, target_branch: 'main', title }
  const { iid } = await world.api<{ iid: number }>('developer', 'POST', 'merge_requests', wish)
  return { on: 'merge_requests', iid }
}

/** That line of the first file that the merge request changes. */
async function line(world: PictureWorld, { iid }: Place, number: number): Promise<object> {
  type Opened = { diff_refs: Record<string, string> }
  const path = `merge_requests/${iid}`
  const { diff_refs } = await world.api<Opened>('developer', 'GET', path)
  const [file] = await world.api<{ new_path: string }[]>('developer', 'GET', `${path}/diffs`)
  return { ...diff_refs, position_type: 'text', old_path: file?.new_path, new_path: file?.new_path, new_line: number }
}
