/** What the operator may say about the pods that agents run in. Read and checked at the start, by config.ts. */

import { z } from 'zod'
import { volumeSchema } from './volume.ts'

const quantity = z
  .union([z.string(), z.number()])
  .transform(String)
  .refine((text) => /^\d+(\.\d+)?(m|k|Ki|M|Mi|G|Gi|T|Ti)?$/.test(text), 'a quantity as 500m, 2, 4Gi')

const amount = z
  .strictObject({
    request: quantity.optional().describe('What a node must have free; the limit where it is not given.'),
    limit: quantity.optional().describe('What a run may use at most.'),
  })
  .describe('Of one resource.')

const amounts = {
  cpu: amount.describe('Processors. Without a limit a run may use what is idle.'),
  memory: amount.describe('Beyond its limit a run ends as out of memory.'),
  ephemeralStorage: amount.describe('Disk: the clone and all that set-up installs. Beyond its limit a run is evicted.'),
}

const resources = z.strictObject({
  cpu: amounts.cpu.prefault({ request: '500m' }),
  memory: amounts.memory.prefault({ request: '1Gi', limit: '4Gi' }),
  ephemeralStorage: amounts.ephemeralStorage.prefault({ request: '2Gi', limit: '20Gi' }),
})
/** Of a project: what is not named stays as it is for all. */
const someResources = z.strictObject(amounts).partial()

const label = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/
const name = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, 'a name of Kubernetes: small letters, digits, - and .')
const ours = /^(errand\/|app\.kubernetes\.io\/(name|component|managed-by)$)/

const keyed = z
  .record(z.string().regex(label, 'a name, or prefix/name'), z.string())
  .refine((given) => !Object.keys(given).some((key) => ours.test(key)), {
    message: 'errand/… and app.kubernetes.io/name, component and managed-by are set by Errand: leave them out',
  })

const image = z.string().regex(/^\S+$/, 'an image, as registry.example.com/errand-runtime:1.0')

const environmentVariable = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'a name of a variable: letters, digits and _')
  .refine((given) => !given.startsWith('ERRAND_'), 'ERRAND_… is set by Errand: leave it out')

export const KubernetesSettings = z.strictObject({
  namespace: name
    .optional()
    .describe("Where the Jobs live; the kubeconfig's own, or that of Errand's pod, where it is not given."),
  kubeconfig: z
    .string()
    .optional()
    .describe(
      "A kubeconfig file. Without it KUBECONFIG, then the user's own, then the service account of Errand's pod.",
    ),
  image: image.describe('The runtime image. Its entry point keeps the contract of runtime/README.md.'),
  images: z
    .record(z.string().regex(/^[\w.-]+$/, 'a name of letters, digits, _, - and .'), image)
    .default({})
    .describe("Images that a project's own file may choose, by the names that it knows them by."),
  pullPolicy: z
    .enum(['Always', 'IfNotPresent', 'Never'])
    .default('IfNotPresent')
    .describe('When a node pulls the image.'),
  pullSecrets: z.array(name).default([]).describe('Secrets of the namespace that open the registry.'),
  user: z
    .int()
    .min(1, 'never root: 1 or more, or null')
    .nullable()
    .default(1000)
    .describe(
      'The user and group that a run has; null leaves it to the image or the cluster, which must not choose root.',
    ),
  resources: resources.prefault({}).describe('What a run needs, and may use.'),
  nodeSelector: z.record(z.string(), z.string()).default({}).describe('Labels of the nodes that runs may go to.'),
  tolerations: z
    .array(
      z.strictObject({
        key: z.string().optional().describe('The key of the taint.'),
        operator: z.enum(['Exists', 'Equal']).optional().describe('Whether any value of the key will do.'),
        value: z.string().optional().describe('The value of the taint.'),
        effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional().describe('What the taint does.'),
        tolerationSeconds: z.int().optional().describe('How long a run may stay on a node that got the taint.'),
      }),
    )
    .default([])
    .describe('Taints of nodes that do not keep runs away.'),
  affinity: z
    .strictObject({
      nodeAffinity: z.looseObject({}).optional(),
      podAffinity: z.looseObject({}).optional(),
      podAntiAffinity: z.looseObject({}).optional(),
    })
    .optional()
    .describe("Kubernetes' own affinity, as it stands in a pod."),
  runtimeClass: name.optional().describe('As gvisor or kata: a stronger wall around what agents run.'),
  priorityClass: name.optional().describe('Which pods have to make room for which.'),
  labels: keyed.default({}).describe('Further labels of Jobs and pods.'),
  annotations: keyed.default({}).describe('Further annotations of Jobs and pods.'),
  environment: z
    .record(environmentVariable, z.string())
    .default({})
    .describe('Further variables, as a proxy or a CA bundle. Everyone who may ask can read them: no secrets.'),
  volumes: z.array(volumeSchema).default([]).describe('Further volumes, and where they are mounted.'),
  projects: z
    .record(
      z.string(),
      z.strictObject({
        image: image.optional().describe('Instead of the image of all.'),
        resources: someResources.optional(),
      }),
    )
    .default({})
    .describe('By id or path of a project: another image, other resources.'),
  pendingLimit: z
    .number()
    .positive()
    .default(900)
    .describe('Seconds for which a run may wait for a node before it fails.'),
  keep: z
    .int()
    .min(0)
    .default(86_400)
    .describe('Seconds for which a Job that has ended is kept, should Errand be away.'),
})

export type KubernetesSettings = z.output<typeof KubernetesSettings>
