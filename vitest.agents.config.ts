import { defineConfig } from 'vitest/config'

/** `npm run test:agents`: the real command lines, installed where they are missing, against a scripted model on loopback. */
export default defineConfig({
  test: {
    include: ['test/agents/**/*.test.ts'],
    globalSetup: ['test/setup.ts', 'test/agents/setup.ts'],
    testTimeout: 150_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
})
