/** What is kept of a Job and a pod in memory: what status.ts reads, and no more. */

import type { Job, Pod } from './wire.ts'

export function keepOfJob({ metadata, spec, status }: Job): Job {
  const suspend = spec?.suspend
  return {
    ...keptMetadata(metadata),
    ...(suspend === undefined || spec === undefined ? {} : { spec: { suspend, template: {} } }),
    ...(status === undefined ? {} : { status }),
  }
}

export function keepOfPod({ metadata, spec, status }: Pod): Pod {
  const containers = (spec?.containers ?? []).map(({ name, image, resources }) => ({
    name,
    ...(image && { image }),
    ...(resources && { resources }),
  }))
  const { activeDeadlineSeconds, terminationGracePeriodSeconds } = spec ?? {}
  const kept = {
    containers,
    ...(activeDeadlineSeconds && { activeDeadlineSeconds }),
    ...(terminationGracePeriodSeconds && { terminationGracePeriodSeconds }),
  }
  return { ...keptMetadata(metadata), spec: kept, ...(status === undefined ? {} : { status }) }
}

function keptMetadata(metadata: Job['metadata']): Pick<Job, 'metadata'> {
  const { name, uid, resourceVersion, labels, creationTimestamp, deletionTimestamp, ownerReferences } = metadata ?? {}
  return {
    metadata: {
      ...(name && { name }),
      ...(uid && { uid }),
      ...(resourceVersion && { resourceVersion }),
      ...(labels && { labels }),
      ...(creationTimestamp && { creationTimestamp }),
      ...(deletionTimestamp && { deletionTimestamp }),
      ...(ownerReferences && { ownerReferences }),
    },
  }
}
