/** A byte stream → lines, in bounded memory: a line that is too long for a message is passed on in pieces instead. */

export type Lines = { push(chunk: Buffer): void; end(): void }

const NEWLINE = 0x0a

/** `onLine` gets each line without its end; `onPiece` gets the bytes of lines longer than `longest`, ends included. */
export function splitLines(longest: number, onLine: (line: string) => void, onPiece: (bytes: Buffer) => void): Lines {
  let held: Buffer[] = []
  let length = 0
  let tooLong = false

  const finish = (last: Buffer) => {
    const line = Buffer.concat([...held, last])
    held = []
    length = 0
    onLine(line.toString('utf8'))
  }
  return {
    push(chunk) {
      let rest = chunk
      while (rest.length > 0) {
        const at = rest.indexOf(NEWLINE)
        const part = at < 0 ? rest : rest.subarray(0, at)
        if (tooLong) {
          onPiece(at < 0 ? rest : rest.subarray(0, at + 1))
          tooLong = at < 0
        } else if (length + part.length > longest) {
          for (const piece of held) onPiece(piece)
          held = []
          length = 0
          tooLong = at < 0
          onPiece(at < 0 ? rest : rest.subarray(0, at + 1))
        } else if (at < 0) {
          held.push(rest)
          length += rest.length
        } else finish(part)
        rest = at < 0 ? rest.subarray(rest.length) : rest.subarray(at + 1)
      }
    },
    end() {
      if (length > 0) finish(Buffer.alloc(0))
    },
  }
}
