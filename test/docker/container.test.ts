import { expect, test } from 'vitest'
import { containerOf } from '../../src/docker/container.ts'
import { containerName, isFor, ownerOf, recordIn } from '../../src/docker/labels.ts'
import { DockerSettings } from '../../src/docker/settings.ts'
import { aTask } from '../tasks/aTask.ts'

const task = aTask({ attempt: 2 })
const settings = (more: object = {}) => DockerSettings.parse({ image: 'registry.example.com/runtime:1', ...more })

test('what the engine is asked to make', () => {
  const { Labels, ...wanted } = containerOf(task, settings(), 'http://door:8081')
  expect(wanted).toMatchInlineSnapshot(`
    {
      "Env": [
        "ERRAND_DOOR=http://door:8081",
        "ERRAND_CREDENTIAL_FILE=/var/run/errand/credential",
        "ERRAND_WORKSPACE=/workspace",
        "ERRAND_TERMINATION_FILE=/workspace/last-words.json",
      ],
      "HostConfig": {
        "CapDrop": [
          "ALL",
        ],
        "IpcMode": "private",
        "LogConfig": {
          "Config": {
            "max-size": "10m",
          },
          "Type": "json-file",
        },
        "Memory": 4294967296,
        "MemorySwap": 4294967296,
        "NetworkMode": "errand-runs",
        "PidsLimit": 4096,
        "Privileged": false,
        "ReadonlyRootfs": true,
        "RestartPolicy": {
          "Name": "no",
        },
        "SecurityOpt": [
          "no-new-privileges",
        ],
        "Tmpfs": {
          "/tmp": "rw,exec,nosuid,nodev,mode=1777,size=1073741824",
        },
      },
      "Image": "registry.example.com/runtime:1",
      "User": "1000:1000",
      "Volumes": {
        "/var/run/errand": {},
        "/workspace": {},
      },
    }
  `)
  expect(ownerOf(Labels)).toEqual({ task: task.id, attempt: 2 })
  expect(recordIn(Labels)).toEqual(task)
  expect(containerName('errand', task.id, 2)).toBe('errand-42-n1337-2')
})

test('whose container it is', () => {
  const { Labels } = containerOf(task, settings(), 'http://door:8081')
  expect(isFor(Labels, { ...task, state: 'running' })).toBe(true)
  expect(isFor(Labels, { ...task, prompt: 'another' })).toBe(false)
  expect(isFor({}, task)).toBe(false)
  expect([ownerOf({}), ownerOf({ 'errand.task': 'x', 'errand.attempt': 'y' }), recordIn({})]).toEqual([
    undefined,
    undefined,
    undefined,
  ])
})

test('what the operator says, for all and for a project', () => {
  const all = { user: 2000, memory: '1.5g', cpus: 1.5, temporary: '64m', network: 'bridge', runtime: 'runsc' }
  const projects = { 'demo/shop': { image: 'shop:1', memory: '8g' }, 42: { cpus: 4 } }
  const environment = { HTTPS_PROXY: 'http://proxy:3128' }
  const images = { big: 'big:1' }
  const of = (more: object, changes = {}) => containerOf({ ...task, ...changes }, settings(more), 'http://d')
  expect(of({ ...all, environment })).toMatchObject({
    User: '2000:2000',
    Env: expect.arrayContaining(['HTTPS_PROXY=http://proxy:3128']),
    HostConfig: {
      Memory: 1.5 * 2 ** 30,
      MemorySwap: 1.5 * 2 ** 30,
      NanoCpus: 1_500_000_000,
      NetworkMode: 'bridge',
      Runtime: 'runsc',
      Tmpfs: { '/tmp': expect.stringContaining('size=67108864') },
    },
  })
  expect(of({ ...all, projects: { 'demo/shop': projects['demo/shop'] } })).toMatchObject({
    Image: 'shop:1',
    HostConfig: { Memory: 8 * 2 ** 30, NanoCpus: 1_500_000_000 },
  })
  expect(of({ projects })).toMatchObject({ HostConfig: { Memory: 4 * 2 ** 30, NanoCpus: 4_000_000_000 } })
  const ways = {
    trigger: '/agent',
    labels: { todo: 'todo', doing: 'doing', done: 'done', failed: 'failed' },
    image: 'big',
  }
  expect(of({ projects, images }, { ways }).Image).toBe('big:1')
  expect(of({ images }, { ways: { ...ways, image: 'unknown' } }).Image).toBe('registry.example.com/runtime:1')
})

test.for([
  [{ user: 0 }, 'never root'],
  [{ memory: 'much' }, 'a size as 512m or 4g'],
  [{ environment: { ERRAND_DOOR: 'x' } }, 'ERRAND_… is set by Errand'],
  [{ prefix: 'A b' }, 'small letters'],
  [{ sockets: 'x' }, 'sockets'],
] as const)('%o is refused with a sentence', ([wrong, words]) => {
  const { error } = DockerSettings.safeParse({ image: 'x', ...wrong })
  expect(error?.issues.map(({ message }) => message).join()).toContain(words)
})
