import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // What needs a cluster, an image or what `npm run test:agents` installs; Claude Code and Codex are tried here too where they are installed.
    exclude: ['test/cluster/**', 'test/image/**', 'test/agents/{opencode,gemini}*.test.ts'],
    globalSetup: ['test/setup.ts'],
    testTimeout: 150_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
})
