/** What the engine says against something, or that it says nothing. */
export class DockerError extends Error {
  override readonly name = 'DockerError'
  /** The engine's status; undefined where it could not be reached. */
  readonly status: number | undefined

  constructor(message: string, status: number | undefined, options?: ErrorOptions) {
    super(message, options)
    this.status = status
  }
}

/** Whether what was asked about is not there. Podman has another status for what goes away just then. */
export function isMissing(error: unknown): boolean {
  return error instanceof DockerError && (error.status === 404 || /no such container/i.test(error.message))
}
