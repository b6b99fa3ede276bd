/** Markdown → what a person sees of it in GitLab: nobody steers an agent by what nobody else can read (reliability.md T2). */

import { withoutHiddenMarkup } from './hiddenMarkup.ts'
import { type Shown, withoutInvisible } from './invisible.ts'

/**
 * Out go invisible characters, HTML comments and attributes, texts of pictures, titles of links, definitions and footnotes that nothing refers
 * to. `<details>` stays, as do code (without its invisible characters), emoji and every script that people write in. `placeholders`: whether
 * `/users/<id>` stays too, of which GitLab shows only `/users/`; for the words of those who may ask.
 */
export function visible(markdown: string, placeholders = false): Shown {
  const plain = withoutInvisible(markdown)
  const shown = withoutHiddenMarkup(plain.text, placeholders)
  return { text: shown.text, hidden: plain.hidden + shown.hidden }
}
