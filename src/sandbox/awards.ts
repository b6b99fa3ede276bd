import { z } from 'zod'
import { type Call, created, gone, ok, type Routes } from './call.ts'
import type { Award, AwardableType, Note } from './entities.ts'
import { findPlace, findPlaceToWrite, noteableKinds, type Place } from './noteables.ts'
import { findNote } from './notes.ts'
import { paginated } from './pagination.ts'
import { tellAward } from './payloads.ts'
import { personViewById } from './people.ts'
import { forbidden, notFound } from './refusal.ts'
import { settleTodos } from './todoRules.ts'
import { type Deed, now, type World } from './world.ts'

/** What is reacted to: the thing itself, or one of its notes. */
type Target = { readonly type: AwardableType; readonly id: number; readonly note: Note | undefined }

/** Reactions on issues, merge requests and their notes. */
export function awardRoutes(on: Routes): void {
  for (const kind of noteableKinds) {
    for (const onNote of [false, true]) {
      const path = `/projects/:id/${kind}/:iid${onNote ? '/notes/:note_id' : ''}/award_emoji`
      const target = (call: Call, place: Place): Target => {
        const note = onNote ? findNote(call, place) : undefined
        if (note !== undefined) return { type: 'Note', id: note.id, note }
        return { type: place.noteable.type, id: place.noteable.row.id, note }
      }
      on('get', path, (call) => {
        const awards = awardsOn(call.world, target(call, findPlace(call, kind)))
        return paginated(call, awards, (award) => awardView(call.world, award))
      })
      on('get', `${path}/:award_id`, (call) =>
        ok(awardView(call.world, findAward(call, target(call, findPlace(call, kind))))),
      )
      on('post', path, (call) => {
        const { deed, ...place } = findPlaceToWrite(call, kind)
        const on = target(call, place)
        return created(
          awardView(call.world, give(deed, place, on, call.input(z.object({ name: z.string().min(1) })).name)),
        )
      })
      on('delete', `${path}/:award_id`, (call) => {
        const { deed, ...place } = findPlaceToWrite(call, kind)
        const on = target(call, place)
        takeBack(deed, place, on, findAward(call, on))
        return gone
      })
    }
  }
}

function awardsOn(world: World, target: Target): Award[] {
  return world.awards.filter((award) => award.awardableType === target.type && award.awardableId === target.id)
}

function findAward(call: Call, target: Target): Award {
  const award = awardsOn(call.world, target).find((row) => row.id === Number(call.param('award_id')))
  if (award === undefined) throw notFound('Award Emoji')
  return award
}

/** The same reaction twice is answered with 404, in these very words. */
function give(deed: Deed, { project, noteable }: Place, target: Target, name: string): Award {
  const { world, person } = deed
  if (!/^[\w+-]+$/.test(name)) throw notFound('Award Emoji Name is not a valid emoji name')
  const taken = awardsOn(world, target).some((award) => award.personId === person.id && award.name === name)
  if (taken) throw notFound('Award Emoji Name has already been taken')
  const award = world.awards.insert({
    projectId: project.id,
    awardableType: target.type,
    awardableId: target.id,
    personId: person.id,
    name,
    createdAt: now(),
  })
  touch(world, target)
  settleTodos(world, person.id, noteable)
  tellAward(deed, project, award, person, noteable, target.note, 'award')
  return award
}

function takeBack(deed: Deed, { project, noteable }: Place, target: Target, award: Award): void {
  if (award.personId !== deed.person.id && !deed.person.admin) throw forbidden()
  deed.world.awards.delete(award.id)
  touch(deed.world, target)
  tellAward(deed, project, award, deed.person, noteable, target.note, 'revoke')
}

/** Reactions move `updated_at`, which therefore proves no edit. */
function touch(world: World, { type, id }: Target): void {
  const patch = { updatedAt: now() }
  if (type === 'Note') world.notes.update(id, patch)
  else if (type === 'Issue') world.issues.update(id, patch)
  else world.mergeRequests.update(id, patch)
}

function awardView(world: World, award: Award) {
  return {
    id: award.id,
    name: award.name,
    user: personViewById(world, award.personId),
    created_at: award.createdAt,
    updated_at: award.createdAt,
    awardable_id: award.awardableId,
    awardable_type: award.awardableType,
    url: null,
  }
}
