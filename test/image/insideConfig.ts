import { defineConfig } from 'vitest/config'

/** The tests of runtime/ once more, within a container of the image: see inside.test.ts. */
export default defineConfig({
  // The checkout is read only there.
  cacheDir: '/tmp/vite',
  test: {
    include: ['test/runtime/**/*.test.ts'],
    testTimeout: 150_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
})
