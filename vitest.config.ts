import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // What needs a cluster, an image, a browser, or agents that `npm run test:agents` installs has a script of its own.
    exclude: ['test/cluster/**', 'test/image/**', 'test/agents/**', 'test/web/**'],
    globalSetup: ['test/setup.ts'],
    testTimeout: 150_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
})
