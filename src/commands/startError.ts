/** A known failure of starting, in words for the person who typed the command. */
export class StartError extends Error {
  override readonly name = 'StartError'
}
