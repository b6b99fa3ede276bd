/** Docker or Podman: is it there, has it the images, and where does the network of the runs lead. */

import type { Config } from '../config.ts'
import { connectEngine, type Engine } from '../docker/engine.ts'
import type { DockerSettings } from '../docker/settings.ts'
import { isLoopback } from './doctorConfig.ts'
import { check, type Finding, type Found } from './finding.ts'
import { dockerOf } from './runs.ts'

export async function* examineEngine(config: Pick<Config, 'docker' | 'doorUrl'>): AsyncGenerator<Finding> {
  const settings = dockerOf(config)
  const engine = connectEngine(settings.socket)
  try {
    const cure = `see that Docker or \`podman system service\` runs, that docker.socket names its socket, and that Errand's user may use it (its group: \`stat -c %g ${settings.socket}\`)`
    const there = await check('engine', cure, async () => ({
      found: `${await engine.version()} at ${settings.socket}`,
    }))
    yield there
    if (there.wrong.length > 0) return
    yield await check('images', 'what does the log of the engine say?', () => images(engine, settings))
    yield await check('network', 'what does the log of the engine say?', () =>
      network(engine, settings, config.doorUrl),
    )
  } finally {
    await engine[Symbol.asyncDispose]()
  }
}

async function images(engine: Engine, { image, images, projects, pull }: DockerSettings): Promise<Found> {
  const own = Object.values(projects).flatMap((project) => project.image ?? [])
  const named = [...new Set([image, ...Object.values(images), ...own])]
  const missing: string[] = []
  for (const one of named) if (!(await engine.hasImage(one))) missing.push(one)
  const found =
    missing.length === 0 ? named.join(', ') : `${named.length - missing.length} of ${named.length} are there`
  if (pull === 'missing') return { found, advice: missing.map((one) => `${one} is fetched when a run needs it first`) }
  return { found, wrong: missing.map((one) => `${one} is not there, and docker.pull is never: build or pull it here`) }
}

async function network(engine: Engine, { network }: DockerSettings, doorUrl: string): Promise<Found> {
  if (network === 'host') {
    const advice = ['runs reach whatever this machine reaches, its Redis too: give them a network made with --internal']
    return { found: "the machine's own", advice }
  }
  const inContainer = isLoopback(doorUrl)
    ? [
        `ERRAND_DOOR_URL is ${doorUrl}, which in a container is the container itself: give the door's name in ${network}`,
      ]
    : []
  const internal = await engine.isInternal(network)
  if (internal === undefined) {
    const cure = `make it (\`docker network create --internal ${network}\`) with the door in it, or name another in docker.network`
    return { found: `there is no network ${network}`, wrong: [cure, ...inContainer] }
  }
  if (internal) return { found: `${network}, which leads nowhere else`, wrong: inContainer }
  const advice = [
    `runs reach the internet, and what this machine's network lets them: ${network} was made without --internal`,
  ]
  return { found: network, wrong: inContainer, advice }
}
