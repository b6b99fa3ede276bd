import { defineConfig } from 'vitest/config'

/** `npm run test:web`: the page, and the sandbox's own pages, in Chromium. */
export default defineConfig({
  test: {
    include: ['test/web/**/*.test.ts'],
    globalSetup: ['test/setup.ts', 'test/web/setup.ts'],
    testTimeout: 150_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
})
