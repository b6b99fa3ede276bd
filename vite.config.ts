import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

/** Bytes that all scripts and styles of the page may have together, gzipped. */
const LIMIT = 150_000

export default defineConfig({
  root: fileURLToPath(new URL('src/web', import.meta.url)),
  resolve: {
    alias: {
      // The library's own way for browsers writes to innerHTML, which Trusted Types refuse.
      'decode-named-character-reference': fileURLToPath(new URL('src/web/markdown/entity.ts', import.meta.url)),
    },
  },
  build: {
    outDir: fileURLToPath(new URL('dist/web', import.meta.url)),
    emptyOutDir: true,
    // Nothing inline: the policy lets no data: script or style through.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  plugins: [react(), sizeLimit(LIMIT)],
})

/** Fails the build where the page became heavier than `limit` bytes, gzipped, and prints its weight. */
export function sizeLimit(limit: number): Plugin {
  return {
    name: 'size-limit',
    enforce: 'post',
    generateBundle(_, bundle) {
      let total = 0
      for (const part of Object.values(bundle)) {
        if (part.type === 'chunk') total += gzipSync(part.code).length
        else if (part.fileName.endsWith('.css')) total += gzipSync(part.source).length
      }
      const said = `All scripts and styles: ${(total / 1000).toFixed(1)} kB gzipped, of ${limit / 1000} kB.`
      if (total > limit) this.error(`${said} Leave something out.`)
      else console.log(said)
    },
  }
}
