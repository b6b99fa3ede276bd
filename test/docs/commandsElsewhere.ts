/** The commands of the pages that something else than commands.test.ts runs: which file does, and what it says there. */

export type Elsewhere = { readonly file: string; readonly says: readonly string[] }

const service: Elsewhere = { file: 'test/image/build-service', says: ['buildah build', '--tag "$image"', ' .\n'] }
const runtime: Elsewhere = { file: 'test/image/build', says: ['buildah build', '--tag "$image"', ' runtime\n'] }
const pushed: Elsewhere = { file: 'test/image/push.test.ts', says: ["'push'"] }

export const ELSEWHERE: Readonly<Record<string, Elsewhere>> = {
  'npm ci': { file: '.ci/run', says: ['npm ci\n'] },
  'npm test': { file: '.ci/run', says: [' npm test\n'] },
  'npm run check': { file: '.ci/run', says: ['npm run check\n'] },
  'npm run demo': { file: '.ci/run', says: ['npm run demo -- '] },
  'podman build -t registry.example.com/errand:0.1.0 .': service,
  'podman build -t registry.example.com/errand-runtime:0.1.0 runtime': runtime,
  'podman build -t registry.example.com/errand-runtime:1.0 --build-arg AGENTS="claude codex" runtime': runtime,
  'podman push registry.example.com/errand:0.1.0': pushed,
  'podman push registry.example.com/errand-runtime:0.1.0': pushed,
}
