/** HTML that is ready to be sent: everything in it that came from somebody has been escaped or sanitized. */
export class Html {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** What may stand in a template: text is escaped, HTML is not, nothing is nothing. */
type Part = Html | string | number | undefined | false | readonly Part[]

/** A template whose values are escaped, so that forgetting to is not possible. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(strings.reduce((text, next, index) => `${text}${written(parts[index - 1])}${next}`))
}

function written(part: Part): string {
  if (part === undefined || part === false) return ''
  if (part instanceof Html) return part.text
  if (typeof part === 'object') return part.map(written).join('')
  return String(part).replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
}
