import { canReadInternal } from './access.ts'
import type { Note } from './entities.ts'
import type { Place } from './noteables.ts'
import { notesOf } from './notes.ts'
import type { Visit } from './pageCall.ts'
import type { Diffs } from './pageDiffLines.ts'
import { moment, personLink } from './pageFrame.ts'
import { type Html, html } from './pageHtml.ts'
import { markdown } from './pageMarkdown.ts'
import { threadBox } from './pageThread.ts'

/** Something that stands in the conversation, at its time. */
type Entry = { readonly at: string; readonly order: number; readonly html: Html }

/** The conversation as GitLab shows it: discussions, system notes, and what happened to labels and state, oldest first. */
export async function timeline(visit: Visit, place: Place, diffs: Diffs): Promise<Html> {
  const internal = canReadInternal(visit.world, visit.person, place.project)
  const notes = notesOf(visit.world, place.noteable).filter((note) => internal || !note.internal)
  const threads = [...Map.groupBy(notes, (note) => note.discussionId).values()]
  const discussed = threads.map(async (thread): Promise<Entry[]> => {
    const [first] = thread
    if (first === undefined) return []
    const shown = first.system ? systemLine(visit, place, first) : await threadBox(visit, place, thread, diffs)
    return [{ at: first.createdAt, order: first.id, html: shown }]
  })
  const entries = [...(await Promise.all(discussed)).flat(), ...happenings(visit, place)]
  entries.sort((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : one.order - other.order))
  return html`${entries.map((entry) => entry.html)}`
}

function systemLine(visit: Visit, { project }: Place, note: Note): Html {
  const { world, person } = visit
  const words = markdown(note.body, { world, person, project })
  return line(visit, note.authorId, words, note.createdAt, `note_${note.id}`)
}

/** GitLab writes these lines from events, which are no notes. */
function happenings(visit: Visit, { noteable }: Place): Entry[] {
  const { world } = visit
  const { type, row } = noteable
  const here = (event: { resourceType: string; resourceId: number }) =>
    event.resourceType === type && event.resourceId === row.id
  const labels = world.labelEvents.filter(here).map((event): Entry => {
    const label = html`<span class="label">${world.labels.get(event.labelId)?.name ?? 'a label'}</span>`
    const words = html`<p>${event.action === 'add' ? 'added' : 'removed'} ${label}</p>`
    return {
      at: event.createdAt,
      order: 0,
      html: line(visit, event.personId, words, event.createdAt, `label-${event.id}`),
    }
  })
  const states = world.stateEvents.filter(here).map((event): Entry => {
    const words = html`<p>${event.state}</p>`
    return {
      at: event.createdAt,
      order: 0,
      html: line(visit, event.personId, words, event.createdAt, `state-${event.id}`),
    }
  })
  return [...labels, ...states]
}

function line({ world }: Visit, personId: number, words: Html, at: string, id: string): Html {
  return html`<div class="system" id="${id}">${personLink(world, personId)} ${words} <span class="dim">${moment(at)}</span></div>`
}
