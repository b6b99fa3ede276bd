import { type DestinationStream, type Logger as PinoLogger, pino } from 'pino'

export type Logger = PinoLogger

/** One JSON line per event. Secrets are kept out by name here, and by the callers, who log fields and never whole objects. */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: ['*.token', '*.secret', '*.authorization', '*.credential', '*.apiKey', '*.password', '*.headers'],
    serializers: { err: describeError },
  }
  return destination === undefined ? pino(options) : pino(options, destination)
}

/** Only name, message and stack: what libraries hang on their errors (a request with its headers) holds tokens. */
function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: String(error) }
  const described: Record<string, unknown> = { name: error.name, message: error.message, stack: error.stack }
  if (error.cause instanceof Error) described.cause = `${error.cause.name}: ${error.cause.message}`
  return described
}
