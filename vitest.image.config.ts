import { defineConfig } from 'vitest/config'

/** `npm run test:image`: the image that test/image/build has made, in containers of podman. */
export default defineConfig({
  test: {
    include: ['test/image/**/*.test.ts'],
    testTimeout: 150_000,
    hookTimeout: 60_000,
    // One of them is a whole suite with two workers of its own.
    fileParallelism: false,
  },
})
