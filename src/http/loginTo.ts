/**
 * The path of ours that somebody wanted before they logged in; `/` for whatever leads elsewhere (`//evil`, `/\evil`, a scheme), or back
 * to the login.
 */
export function pathOfOurs(wanted: unknown): string {
  // Tabs and line ends are dropped by whoever parses an address, so `/\t/evil` would be `//evil`.
  if (typeof wanted !== 'string' || !/^\/(?![/\\])[\x21-\x7e]*$/.test(wanted)) return '/'
  const base = 'http://errand.invalid'
  const url = URL.parse(wanted, base)
  if (url === null || url.origin !== base || /^\/log(in|out)(\/|$)/.test(url.pathname)) return '/'
  const path = `${url.pathname}${url.search}${url.hash}`
  // What is written as `/./` or `/x/..` may be `//` once it is resolved.
  return path.startsWith('//') ? '/' : path
}
