/** What the operator may say about the containers that agents run in. Read and checked at the start, by config.ts. */

import { z } from 'zod'

const units: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 }

const bytes = z
  .string()
  .regex(/^\d+(\.\d+)?[kmg]?$/, 'a size as 512m or 4g')
  .transform((text) => Math.floor(Number.parseFloat(text) * (units[text.replace(/[\d.]/g, '')] ?? 1)))

const image = z.string().regex(/^\S+$/, 'an image, as registry.example.com/errand-runtime:1.0')
const cpus = z.number().positive()

const environment = z
  .record(z.string(), z.string())
  .refine((given) => Object.keys(given).every((name) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)), {
    error: 'the name of a variable has letters, digits and _',
  })
  .refine((given) => !Object.keys(given).some((name) => name.startsWith('ERRAND_')), {
    error: 'ERRAND_… is set by Errand: leave it out',
  })

export const DockerSettings = z.strictObject({
  socket: z
    .string()
    .default('/var/run/docker.sock')
    .describe('The socket of Docker, or of `podman system service`. Who may use it may do everything on its machine.'),
  prefix: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]*$/, 'small letters, digits and -')
    .default('errand')
    .describe('What the names of the containers begin with: another one for each Errand that uses the same Docker.'),
  image: image.describe('The runtime image. Its entry point keeps the contract of runtime/README.md.'),
  images: z
    .record(z.string().regex(/^[\w.-]+$/, 'a name of letters, digits, _, - and .'), image)
    .default({})
    .describe("Images that a project's own file may choose, by the names that it knows them by."),
  pull: z
    .enum(['missing', 'never'])
    .default('missing')
    .describe(
      'Whether an image that is not there is fetched. From a registry that asks who you are, fetch it yourself.',
    ),
  user: z.int().min(1, 'never root: 1 or more').default(1000).describe('The user and group that a run has.'),
  network: z
    .string()
    .min(1)
    .default('errand-runs')
    .describe(
      'The network that runs are in: one made with --internal, which the door is in too, leads nowhere else; `bridge` leads to the internet.',
    ),
  memory: bytes.prefault('4g').describe('Beyond this a run ends as out of memory.'),
  cpus: cpus.optional().describe('Processors that a run may use; without it what is idle.'),
  processes: z.int().min(16).default(4096).describe('How many processes and threads a run may have.'),
  temporary: bytes.prefault('1g').describe('How much /tmp may hold. It is memory; the workspace is on disk.'),
  runtime: z.string().optional().describe('As runsc: a stronger wall around what agents run.'),
  environment: environment
    .default({})
    .describe('Further variables, as a proxy or a CA bundle. Everyone who may ask can read them: no secrets.'),
  projects: z
    .record(
      z.string(),
      z.strictObject({
        image: image.optional().describe('Instead of the image of all.'),
        memory: bytes.optional().describe('Instead of the memory of all.'),
        cpus: cpus.optional().describe('Instead of the processors of all.'),
      }),
    )
    .default({})
    .describe('By id or path of a project: another image, other limits.'),
  pendingLimit: z
    .number()
    .positive()
    .default(300)
    .describe('Seconds for which it is tried to start a run before it fails.'),
})

export type DockerSettings = z.output<typeof DockerSettings>
