/** Reads server-sent events that come in pieces: the data of each is a JSON text, of which single fields are wanted. */

import { type FieldReader, type FieldWishes, readFields } from './modelFields.ts'

const [LF, CR] = [0x0a, 0x0d]
const DATA = Buffer.from('data:')
const LINE_END = Buffer.from('\n')

/** In constant memory, whatever the length of a line; lines end as the specification allows, in \n, \r\n or \r. */
export function readEvents(wishes: FieldWishes): Pick<FieldReader, 'write'> {
  let fields: FieldReader | undefined
  /** Bytes of the line that were read; in its data, what is beyond `data:` is read as it comes. */
  let column = 0
  let isData = true
  let afterCr = false

  function endLine(): void {
    if (column === 0) fields = undefined
    else if (isData && column >= DATA.length) fields?.write(LINE_END)
    column = 0
    isData = true
  }

  return {
    write(bytes) {
      let at = 0
      while (at < bytes.length) {
        const byte = bytes[at]
        if (byte === LF && afterCr) at++
        else if (byte === LF || byte === CR) {
          endLine()
          at++
        } else if (isData && column >= DATA.length) {
          const to = lineEnd(bytes, at)
          fields ??= readFields(wishes)
          fields.write(bytes.subarray(at, to))
          column += to - at
          at = to
        } else if (isData && byte === DATA[column]) {
          column++
          at++
        } else {
          isData = false
          const to = lineEnd(bytes, at)
          column += to - at
          at = to
        }
        afterCr = byte === CR
      }
    },
  }
}

/** The end of the line, or of the bytes. \r is searched for up to the \n only: in most streams there is none. */
function lineEnd(bytes: Buffer, from: number): number {
  const lf = bytes.indexOf(LF, from)
  const line = lf < 0 ? bytes.subarray(from) : bytes.subarray(from, lf)
  const cr = line.indexOf(CR)
  return from + (cr < 0 ? line.length : cr)
}
