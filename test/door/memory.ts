import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Watches the bytes that buffers hold, without those that nobody needs any more. `most()` ends it: how far they rose, in bytes. */
export function watchMemory(): { most(): number } & Disposable {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  const held = () => {
    // What the first lets go is swept by another thread, which the second waits for.
    collect()
    collect()
    return process.memoryUsage().arrayBuffers
  }
  const before = held()
  let most = before
  const watching = setInterval(() => (most = Math.max(most, held())), 250)
  return {
    most: () => Math.max(most, held()) - before,
    [Symbol.dispose]: () => clearInterval(watching),
  }
}
