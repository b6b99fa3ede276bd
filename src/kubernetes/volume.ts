/** A further volume of the pods: only of the kinds that the restricted profile allows, and not over our own folders. */

import { z } from 'zod'

/** Where a run finds its things; nothing else may be mounted at, above or below these. */
export const PLACES = { workspace: '/workspace', temporary: '/tmp', credential: '/var/run/errand' } as const

/** https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted, Volume Types */
const KINDS = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
] as const

function overOurs(path: string): boolean {
  const inside = (inner: string, outer: string) => `${inner}/`.startsWith(outer === '/' ? '/' : `${outer}/`)
  return Object.values(PLACES).some((place) => inside(path, place) || inside(place, path))
}

export const volumeSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'small letters, digits and -')
      .refine((given) => !['workspace', 'temporary', 'credential'].includes(given), 'this name is taken by Errand')
      .describe('A name for it.'),
    mountPath: z
      .string()
      .regex(/^\/[^:]*$/, 'an absolute path')
      .refine((path) => !overOurs(path.replace(/\/+$/, '') || '/'), {
        message: `not at, above or below ${Object.values(PLACES).join(', ')}, which are the run's own`,
      })
      .describe('Where it is in the run.'),
    readOnly: z.boolean().default(true).describe('Whether runs can only read it.'),
    source: z
      .record(z.string(), z.looseObject({}))
      .refine((source) => Object.keys(source).length === 1, 'one kind of volume, as {configMap: {name: …}}')
      .refine((source) => Object.keys(source).every((kind) => (KINDS as readonly string[]).includes(kind)), {
        message: `one of ${KINDS.join(', ')}: the restricted pod security profile allows no other`,
      })
      .describe("Kubernetes' own description of one volume: { configMap: { name: company-ca } }."),
  })
  .describe('One volume.')
