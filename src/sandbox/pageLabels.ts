import { labelNames } from './labels.ts'
import { type Html, html } from './pageHtml.ts'
import type { World } from './world.ts'

/** Labels as badges. */
export function labelBadges(world: World, ids: readonly number[]): Html {
  return html`${labelNames(world, ids).map((name) => html`<span class="label">${name}</span> `)}`
}
