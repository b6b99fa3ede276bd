/** Bytes → the lines of text in them, whatever pieces they come in; an unfinished last line is dropped. */
export async function* linesOf(bytes: AsyncIterable<Uint8Array>, heard: () => void): AsyncIterable<string> {
  const decoder = new TextDecoder()
  let begun: string[] = []
  for await (const piece of bytes) {
    heard()
    const parts = decoder.decode(piece, { stream: true }).split('\n')
    const rest = parts.pop() ?? ''
    for (const part of parts) {
      const line = [...begun, part].join('')
      begun = []
      if (line !== '') yield line
    }
    if (rest !== '') begun.push(rest)
  }
}
