/** As much of tar as the engine's API asks for: files go in and come out as archives. */

const BLOCK = 512

/** An archive of one small file, which belongs to root, and can be read by everybody. */
export function tarOf(name: string, text: string): Buffer {
  const content = Buffer.from(text)
  const header = Buffer.alloc(BLOCK)
  const put = (at: number, value: string) => header.write(value, at, 'latin1')
  put(0, name)
  put(100, '0000444\0')
  put(108, '0000000\0')
  put(116, '0000000\0')
  put(124, `${content.length.toString(8).padStart(11, '0')}\0`)
  put(136, '00000000000\0')
  put(148, ' '.repeat(8))
  put(156, '0')
  put(257, 'ustar\x0000')
  const sum = header.reduce((total, byte) => total + byte, 0)
  put(148, `${sum.toString(8).padStart(6, '0')}\0 `)
  const padded = Buffer.alloc(Math.ceil(content.length / BLOCK) * BLOCK)
  content.copy(padded)
  return Buffer.concat([header, padded, Buffer.alloc(2 * BLOCK)])
}

/** The first file of an archive; undefined where it holds none. */
export function fileOf(tar: Buffer): string | undefined {
  for (let at = 0; at + BLOCK <= tar.length; ) {
    const size = Number.parseInt(tar.toString('latin1', at + 124, at + 136), 8)
    if (Number.isNaN(size)) return undefined
    const kind = tar.toString('latin1', at + 156, at + 157)
    if (kind === '0' || kind === '\0') return tar.toString('utf8', at + BLOCK, at + BLOCK + size)
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK
  }
  return undefined
}
