import { expect, test } from 'vitest'
import { PERMISSIONS } from '../../src/kubernetes/permissions.ts'
import { MATRIX } from './matrix.ts'
import { all, render, the } from './render.ts'

type Rule = {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
}

test('every verb that is needed is granted, in the namespace of the runs, and no other', async () => {
  const objects = await render()
  const role = the(objects, 'Role')
  const granted = (role.rules as readonly Rule[]).flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) => resources.flatMap((what) => verbs.map((verb) => `${verb} ${group}/${what}`))),
  )
  const needed = PERMISSIONS.flatMap(({ group, resource, subresource, verbs }) =>
    verbs.map((verb) => `${verb} ${group}/${subresource === undefined ? resource : `${resource}/${subresource}`}`),
  )
  expect(granted.sort()).toEqual(needed.sort())
  expect(role.metadata.namespace).toBe('ours-runs')
})

test('nothing else is granted to anybody', async () => {
  for (const values of Object.values(MATRIX)) {
    const objects = await render(values)
    const binding = the(objects, 'RoleBinding')
    expect(['ClusterRole', 'ClusterRoleBinding'].flatMap((kind) => all(objects, kind))).toEqual([])
    expect(binding.metadata.namespace).toBe(the(objects, 'Role').metadata.namespace)
    expect(binding.subjects).toEqual([
      { kind: 'ServiceAccount', name: values.fullnameOverride === 'x' ? 'given' : 'errand', namespace: 'ours' },
    ])
  }
})

test('the namespace of the runs takes restricted pods only', async () => {
  const { labels } = the(await render(), 'Namespace', 'ours-runs').metadata
  expect(labels).toMatchObject({ 'pod-security.kubernetes.io/enforce': 'restricted' })
})
