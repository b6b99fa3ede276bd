import { defineConfig } from 'vitest/config'

/** `npm run test:cluster`: against the Kubernetes that KUBECONFIG names. */
export default defineConfig({
  test: {
    include: ['test/cluster/**/*.test.ts'],
    globalSetup: ['test/setup.ts'],
    testTimeout: 400_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
})
