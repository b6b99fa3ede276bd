/** The pods in what was rendered: of Deployments, StatefulSets and the test of `helm test`. */

import type { V1Container, V1Pod, V1PodSpec, V1PodTemplateSpec } from '@kubernetes/client-node'
import type { Rendered } from './render.ts'

export type PodOf = { readonly of: string; readonly labels: Readonly<Record<string, string>>; readonly spec: V1PodSpec }

export function podsIn(objects: readonly Rendered[]): readonly PodOf[] {
  return objects.flatMap((object) => {
    const { kind, metadata } = object
    if (kind === 'Pod') {
      const { spec } = object as unknown as V1Pod
      return spec === undefined ? [] : [{ of: metadata.name, labels: metadata.labels ?? {}, spec }]
    }
    if (kind !== 'Deployment' && kind !== 'StatefulSet') return []
    const { template } = object.spec as { template: V1PodTemplateSpec }
    if (template.spec === undefined) throw new Error(`${metadata.name} has no pods`)
    return [{ of: metadata.name, labels: template.metadata?.labels ?? {}, spec: template.spec }]
  })
}

/** Those that our own program runs in. */
export function errandsIn(objects: readonly Rendered[]): readonly PodOf[] {
  return podsIn(objects).filter(({ labels }) => labels['app.kubernetes.io/component'] !== 'redis')
}

/** Its only container. */
export function containerOf({ of, spec }: PodOf): V1Container {
  const [container, ...more] = spec.containers
  if (container === undefined || more.length > 0) throw new Error(`${of} has not one container`)
  return container
}
