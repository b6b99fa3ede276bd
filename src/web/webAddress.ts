/** The address of a link that may be followed: absolute, http or https (mailto where asked for); undefined otherwise. Pure. */
export function webAddress(href: string, mail = false): string | undefined {
  const url = URL.canParse(href) ? new URL(href) : undefined
  if (url === undefined) return undefined
  return url.protocol === 'https:' || url.protocol === 'http:' || (mail && url.protocol === 'mailto:')
    ? url.href
    : undefined
}
