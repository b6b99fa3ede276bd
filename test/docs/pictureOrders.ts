/** A picture of every order. */

import type { Take } from './pictureTriggers.ts'
import type { PictureWorld, Place } from './pictureWorld.ts'

const LONG = '\n\nrehearse: wait 120 s'

export const ORDERS: Readonly<Record<string, Take>> = {
  async stop(world, camera) {
    const { place, thread } = await working(world, 'translate the start page')
    await world.say(place, '/agent stop', thread)
    await world.answered(place, 1)
    await camera.conversation('stop', world.pageOf(place), `#thread-${thread}`)
  },

  /** Of what was mended: the set-up fails until somebody repairs it. */
  async retry(world, camera) {
    const place = await world.issue('Pay by bank transfer')
    const file = 'repository/files/agent-setup.sh'
    const before = await world.api<string>('maintainer', 'GET', `${file}/raw?ref=main`)
    const set = async (content: string, commit_message: string) =>
      world.api('maintainer', 'PUT', file, { branch: 'main', content, commit_message })
    await set("echo 'npm error 404 Not Found: left-padd'\nexit 1\n", 'Break the set-up')
    const { thread } = await world.say(place, '/agent offer bank transfer')
    await world.answered(place, 1)
    await set(before, 'Repair the set-up')
    await world.say(place, '/agent retry', thread)
    await world.answered(place, 2)
    await camera.conversation('retry', world.pageOf(place), `#thread-${thread}`)
  },

  async plan(world, camera) {
    const place = await world.issue('Search')
    const { thread } = await world.say(place, '/agent plan add a search box')
    await world.answered(place, 1)
    await world.say(place, '/agent go', thread)
    await world.answered(place, 2)
    await camera.conversation('plan', world.pageOf(place), `#thread-${thread}`)
  },

  async budget(world, camera) {
    const { place, thread } = await working(world, 'test every page')
    const { note } = await world.say(place, '/agent budget 10', thread)
    await heard(world, place, note)
    await camera.conversation('budget', world.pageOf(place), `#thread-${thread}`)
    await world.say(place, '/agent stop', thread)
    await world.answered(place, 1)
  },

  async model(world, camera) {
    const { place, thread } = await working(world, 'sort by price')
    await world.say(place, '/agent stop', thread)
    await world.answered(place, 1)
    await world.say(place, '/agent model opus', thread)
    await atWork(world, place)
    await camera.conversation('model', world.pageOf(place), `#thread-${thread} .note:nth-last-of-type(-n + 3)`)
    await world.say(place, '/agent stop', thread)
    await world.answered(place, 2)
  },

  async status(world, camera) {
    const { place, thread } = await working(world, 'show prices with tax')
    const asked = await world.say(place, '/agent status')
    await world.until('the status', async () => ((await replies(world, place)) > 0 ? true : undefined))
    await camera.conversation('status', world.pageOf(place), `#thread-${asked.thread}`)
    await world.say(place, '/agent stop', thread)
    await world.answered(place, 2)
  },

  help: alone('help', '/agent help'),
  misspelt: alone('misspelt', '/agent stpo'),
}

function alone(name: string, comment: string): Take {
  return async (world, camera) => {
    const place = await world.issue('Add a health check')
    const { thread } = await world.say(place, comment)
    await world.answered(place, 1)
    await camera.conversation(name, world.pageOf(place), `#thread-${thread}`)
  }
}

/** Something is asked for that the agent is at for long. */
async function working(world: PictureWorld, what: string): Promise<{ place: Place; thread: string }> {
  const place = await world.issue(`${what.charAt(0).toUpperCase()}${what.slice(1)}`)
  const { thread } = await world.say(place, `/agent ${what}${LONG}`)
  await atWork(world, place)
  return { place, thread }
}

async function atWork(world: PictureWorld, place: Place): Promise<void> {
  await world.until('the agent to work', async () => {
    const notes = (await world.discussions(place)).flatMap((discussion) => discussion.notes)
    return notes.some(({ body }) => / status -->$/.test(body) && /: waits/.test(body)) ? true : undefined
  })
}

async function replies(world: PictureWorld, place: Place): Promise<number> {
  const notes = (await world.discussions(place)).flatMap((discussion) => discussion.notes)
  return notes.filter(({ body }) => / reply[ \d]* -->$/.test(body)).length
}

/** A reaction or an answer. */
async function heard(world: PictureWorld, { on, iid }: Place, note: number): Promise<void> {
  await world.until('the order to be taken', async () => {
    const awards = await world.api<unknown[]>('developer', 'GET', `${on}/${iid}/notes/${note}/award_emoji`)
    return awards.length > 0 ? true : undefined
  })
}
