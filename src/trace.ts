/**
 * Traces by OpenTelemetry's API alone: the operator brings SDK and exporter (`NODE_OPTIONS=--import …`), and without them all of this
 * does nothing. One trace leads from the webhook to the merge request; between processes it travels as a W3C `traceparent`.
 */

import { type Attributes, context, propagation, ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api'

/** As W3C Trace Context has it; undefined where nobody traces. */
export type Traceparent = string | undefined

const tracer = trace.getTracer('errand')

/** Does `work` as a span below `parent`; what it throws is noted on the span, and thrown. */
export async function inSpan<T>(
  name: string,
  parent: Traceparent,
  attributes: Attributes,
  work: () => Promise<T>,
): Promise<T> {
  const before = parent === undefined ? context.active() : propagation.extract(ROOT_CONTEXT, { traceparent: parent })
  return tracer.startActiveSpan(name, { attributes }, before, async (span) => {
    try {
      return await work()
    } catch (error) {
      span.recordException(error instanceof Error ? error : String(error))
      span.setStatus({ code: SpanStatusCode.ERROR })
      throw error
    } finally {
      span.end()
    }
  })
}

/** Where we are: what somebody else goes on with. */
export function hereNow(): Traceparent {
  const carrier: { traceparent?: string } = {}
  propagation.inject(context.active(), carrier)
  return carrier.traceparent
}
