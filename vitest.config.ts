import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // What needs a cluster, an image, or agents that `npm run test:agents` installs.
    exclude: ['test/cluster/**', 'test/image/**', 'test/agents/**'],
    globalSetup: ['test/setup.ts'],
    testTimeout: 150_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
})
