import { defineConfig } from 'vitest/config'

/** `npm run test:image`: the images that test/image/build and build-service have made, in containers of podman. */
export default defineConfig({
  test: {
    include: ['test/image/**/*.test.ts'],
    globalSetup: ['test/setup.ts'],
    testTimeout: 150_000,
    hookTimeout: 60_000,
    // One of them is a whole suite with two workers of its own.
    fileParallelism: false,
  },
})
