import type { AwardableType, Note, Project } from './entities.ts'
import type { Visit } from './pageCall.ts'
import { emojiNamed } from './pageEmoji.ts'
import { moment, personLink } from './pageFrame.ts'
import { type Html, html } from './pageHtml.ts'
import { markdown } from './pageMarkdown.ts'
import type { World } from './world.ts'

/** One comment: who, when, what, and the reactions to it. */
export function noteBox({ world, person }: Visit, project: Project, note: Note): Html {
  const bot = world.people.get(note.authorId)?.bot === true
  return html`<article class="note" id="note_${note.id}">
<p class="head">${personLink(world, note.authorId)}${bot && html` <span class="badge">bot</span>`}${note.internal && html` <span class="badge internal">Internal note</span>`} <a class="dim" href="#note_${note.id}">${moment(note.createdAt)}</a>${note.lastEditedAt !== null && html` <span class="dim">· edited</span>`}</p>
<div class="text">${markdown(note.body, { world, person, project })}</div>
${reactions(world, 'Note', note.id)}
</article>`
}

/** Who reacted with what. */
export function reactions(world: World, type: AwardableType, id: number): Html | undefined {
  const given = world.awards.filter((award) => award.awardableType === type && award.awardableId === id)
  if (given.length === 0) return undefined
  const names = Map.groupBy(given, (award) => award.name)
  return html`<p class="reactions">${[...names].map(([name, awards]) => {
    const who = awards.map(({ personId }) => world.people.get(personId)?.name ?? 'Somebody').join(', ')
    return html`<span class="reaction" title="${name}: ${who}">${emojiNamed(name) ?? `:${name}:`} ${awards.length}</span> `
  })}</p>`
}
