/** Who may reach Errand without saying who they are: nobody but this machine, unless the operator wants it so. */

/** What of the configuration these rules are about. */
export type LoginSettings = {
  readonly login: { readonly actAs?: string | undefined; readonly open: boolean }
  readonly listen: { readonly host: string }
}

/** What is wrong, in sentences: who comes over the network has to say who they are, unless the operator says plainly that it does not matter. */
export function problemsOfLogin(
  { login, listen }: LoginSettings,
  ownUrl: string,
  hasOAuth: boolean,
): readonly string[] {
  const { protocol, hostname } = URL.parse(ownUrl) ?? { protocol: '', hostname: '' }
  const isUrlLocal = isLoopback(hostname.replace(/^\[|\]$/g, ''))
  if (login.actAs !== undefined) {
    if ((isLoopback(listen.host) && isUrlLocal) || login.open) return []
    return [
      `login.actAs: listen.host or ERRAND_URL is no address of this machine alone, and whoever reaches it would act as ${login.actAs}: configure OAUTH_CLIENT_ID and OAUTH_CLIENT_SECRET instead, or if this is meant, say login.open: true`,
    ]
  }
  if (!hasOAuth && !isLoopback(listen.host))
    return [
      'listen.host: without a login Errand listens on loopback only: give OAUTH_CLIENT_ID and OAUTH_CLIENT_SECRET of an application in GitLab, or use 127.0.0.1',
    ]
  if (hasOAuth && protocol === 'http:' && !isUrlLocal)
    return ['ERRAND_URL: people log in over https only: give it as https://…, and a proxy or Ingress the certificate']
  return []
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}
