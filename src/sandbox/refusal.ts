/** An answer that ends the call at once, in one of GitLab's shapes of errors. */
export class Refusal extends Error {
  readonly status: number
  readonly body: object

  constructor(status: number, body: object) {
    super(JSON.stringify(body))
    this.status = status
    this.body = body
  }
}

/** `{"message":"404 Issue Not Found"}`; without a name GitLab writes `404 Not found`. */
export function notFound(what?: string): Refusal {
  return new Refusal(404, { message: what === undefined ? '404 Not found' : `404 ${what} Not Found` })
}

/** `{"message":"401 Unauthorized"}`: no token, or one that nobody has. */
export function unauthorized(): Refusal {
  return new Refusal(401, { message: '401 Unauthorized' })
}

/** `{"message":"403 Forbidden"}`: it may be seen, but not changed. */
export function forbidden(reason?: string): Refusal {
  return new Refusal(403, { message: reason === undefined ? '403 Forbidden' : `403 Forbidden - ${reason}` })
}

/** `{"message":"400 Bad request - Note {:note=>[\"can't be blank\"]}"}` */
export function badRequest(reason: string): Refusal {
  return new Refusal(400, { message: `400 Bad request - ${reason}` })
}
