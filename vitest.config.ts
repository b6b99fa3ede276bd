import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/cluster/**'],
    globalSetup: ['test/setup.ts'],
    testTimeout: 150_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
})
