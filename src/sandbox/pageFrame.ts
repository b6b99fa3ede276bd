import { actors } from './pageActor.ts'
import type { Visit } from './pageCall.ts'
import { type Html, html } from './pageHtml.ts'
import type { World } from './world.ts'

/** One page before it is framed. `trail` leads to it: names with their addresses. */
export type Page = {
  readonly status: number
  readonly title: string
  readonly trail: readonly (readonly [name: string, href: string])[]
  readonly main: Html
}

/** The whole document. */
export function framed({ world, person, path }: Visit, { title, trail, main }: Page): string {
  const { text } = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · sandbox GitLab</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/-/sandbox/page.css">
<script src="/-/sandbox/page.js" defer></script>
</head>
<body>
<header>
<nav aria-label="Where you are"><a href="/">Sandbox GitLab</a>${trail.map(([name, href]) => html` <span aria-hidden="true">/</span> <a href="${href}">${name}</a>`)}</nav>
<p id="stale" role="status" hidden>Not connected: what you see may be old.</p>
<form method="post" action="/-/sandbox/act-as" class="row">
<input type="hidden" name="back" value="${path}">
<label for="actor">You act as</label>
<select id="actor" name="person">${actors(world).map(
    (row) => html`<option value="${row.username}"${row.id === person.id && html` selected`}>${row.name}</option>`,
  )}</select>
<button>Change</button>
</form>
</header>
<main>
${main}
</main>
</body>
</html>
`
  return text
}

/** A moment, in the words of this machine's clock. */
export function moment(time: string): Html {
  const words = new Date(time).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'medium' })
  return html`<time datetime="${time}">${words}</time>`
}

/** Somebody's name with a link to them. */
export function personLink(world: World, id: number): Html {
  const person = world.people.get(id)
  if (person === undefined) return html`<b>Somebody who left</b>`
  return html`<a href="/${person.username}"><b>${person.name}</b></a> <span class="dim">@${person.username}</span>`
}

/** Opened, closed or merged, as a badge. */
export function stateBadge(state: 'opened' | 'closed' | 'merged'): Html {
  const words = { opened: 'Open', closed: 'Closed', merged: 'Merged' }
  return html`<span class="badge ${state}">${words[state]}</span>`
}
