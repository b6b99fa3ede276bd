/**
 * `npm run pictures`: has all of Errand do every trigger and every order in the sandbox GitLab, and takes the pictures of docs/pictures.
 * A few names as arguments take those alone. It wants a font with emoji, as Debian's fonts-noto-color-emoji.
 */

import { join } from 'node:path'
import { startCamera } from './camera.ts'
import { ORDERS } from './pictureOrders.ts'
import { PAGES } from './picturePages.ts'
import { TRIGGERS } from './pictureTriggers.ts'
import { startPictureWorld } from './pictureWorld.ts'

const FOLDER = join(import.meta.dirname, '../../docs/pictures')
const ALL = { ...TRIGGERS, ...ORDERS, ...PAGES }

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !(name in ALL))
if (unknown.length > 0)
  throw new Error(`No picture is named ${unknown.join(', ')}: there are ${Object.keys(ALL).join(', ')}.`)

await using camera = await startCamera(FOLDER)
await using world = await startPictureWorld()
for (const [name, take] of Object.entries(ALL))
  if (wanted.length === 0 || wanted.includes(name)) await take(world, camera)
