import { once } from 'node:events'
import { mkdirSync, rmSync } from 'node:fs'
import { createServer, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import { applicationRoutes } from './applications.ts'
import { approvalRoutes } from './approvals.ts'
import { awardRoutes } from './awards.ts'
import { branchRoutes } from './branches.ts'
import type { Routes } from './call.ts'
import { callCounts } from './callCounts.ts'
import { control } from './control.ts'
import { type Deliveries, openDeliveries } from './deliveries.ts'
import { diffVersionRoutes } from './diffVersions.ts'
import { discussionRoutes } from './discussions.ts'
import { draftNoteRoutes } from './draftNotes.ts'
import { eventRoutes } from './events.ts'
import { FaultSettings, type Faults } from './faults.ts'
import { openGit } from './git.ts'
import { gitHttp, installGitHooks } from './gitHttp.ts'
import { answerGraphql } from './graphql.ts'
import { groupRoutes } from './groups.ts'
import { recordEvents } from './hookEventLog.ts'
import { hookEventRoutes } from './hookEvents.ts'
import { hookRoutes } from './hooks.ts'
import { hookTestRoutes } from './hookTests.ts'
import { issueLinkRoutes } from './issueLinks.ts'
import { issueRoutes } from './issues.ts'
import { labelRoutes } from './labels.ts'
import { memberRoutes } from './members.ts'
import { mergeRequestDiffRoutes } from './mergeRequestDiffs.ts'
import { mergeRequestRoutes } from './mergeRequests.ts'
import { noteRoutes } from './notes.ts'
import { oauth } from './oauth.ts'
import { pageServer } from './pageServer.ts'
import { peopleRoutes } from './people.ts'
import { pipelineRoutes } from './pipelines.ts'
import { projectRoutes } from './projects.ts'
import { protectedBranchRoutes } from './protectedBranches.ts'
import { catchUp, leftPushes, takePush } from './pushes.ts'
import { repositoryRoutes } from './repository.ts'
import { seed } from './seed.ts'
import { apiServer } from './server.ts'
import { stateEventRoutes } from './stateEvents.ts'
import { todoRoutes } from './todos.ts'
import { tokenRoutes } from './tokens.ts'
import { type Deed, openWorld, type World } from './world.ts'
import { writtenCommitRoutes } from './writtenCommits.ts'

/** How to start. */
export type SandboxOptions = {
  /** 0 takes a free one. */
  readonly port: number
  /** 127.0.0.1 unless said otherwise. */
  readonly host?: string
  /** The folder for repositories and journal; made if there is none. */
  readonly data: string
  /** Begin with the demo's world; true unless said otherwise. */
  readonly seed?: boolean
}

/** A running sandbox. */
export type Sandbox = {
  /** Without a slash at the end. */
  readonly url: string
  readonly port: number
  /** What shall go wrong; its fields may be set at any time. */
  readonly faults: Faults
  /** Ends webhooks and gits that are under way, and keeps what is on disk. A second time does nothing. */
  close(): Promise<void>
}

/** Starts a small GitLab: REST, a little GraphQL, webhooks, git over HTTP. Rejects with the system's own error when the port is taken. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const data = resolve(options.data)
  mkdirSync(data, { recursive: true })
  const host = options.host ?? '127.0.0.1'
  const faults = FaultSettings.parse({})
  let handle: RequestListener = starting
  const server = createServer((request, response) => handle(request, response))
  // The port first: of two sandboxes on one port the second must not touch the first one's data.
  server.listen(options.port, host)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const git = await openGit(data)
  const world = openWorld(data, git, faults)
  world.url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`
  const deliveries = openDeliveries(world)
  const counts = callCounts()
  installGitHooks(world)
  if (options.seed !== false) await seed(world)
  await finishPushes(world)
  deliveries.start()

  const api = { rest: (on: Routes) => register(on, deliveries), graphql: answerGraphql }
  const app = apiServer(world, deliveries, counts, api)
  app.use('/-/sandbox', control(world, deliveries, counts))
  app.use(oauth(world))
  app.use(gitHttp(world, deliveries, counts))
  app.use(pageServer(world, deliveries, api.rest))
  handle = app
  return {
    url: world.url,
    port,
    faults,
    close: async () => {
      if (!server.listening) return
      deliveries.close()
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      git.close()
      await closed
      world.close()
    },
  }
}

/** As GitLab answers while it boots; a request that nobody answered would hang until its caller gave up. */
function starting(_: unknown, response: ServerResponse): void {
  response.writeHead(503, { 'Content-Type': 'text/plain', 'Retry-After': '1' }).end('GitLab is not responding yet\n')
}

function register(on: Routes, deliveries: Deliveries): void {
  peopleRoutes(on)
  tokenRoutes(on)
  applicationRoutes(on)
  projectRoutes(on)
  groupRoutes(on)
  memberRoutes(on)
  labelRoutes(on)
  stateEventRoutes(on)
  issueRoutes(on)
  issueLinkRoutes(on)
  mergeRequestRoutes(on)
  mergeRequestDiffRoutes(on)
  diffVersionRoutes(on)
  approvalRoutes(on)
  noteRoutes(on)
  discussionRoutes(on)
  draftNoteRoutes(on)
  awardRoutes(on)
  todoRoutes(on)
  eventRoutes(on)
  pipelineRoutes(on)
  repositoryRoutes(on)
  writtenCommitRoutes(on)
  branchRoutes(on)
  protectedBranchRoutes(on)
  hookRoutes(on)
  hookEventRoutes(on, deliveries)
  hookTestRoutes(on, deliveries)
}

/** Deals with pushes that git finished while the sandbox was killed. What is told is sent when the deliveries start. */
async function finishPushes(world: World): Promise<void> {
  const tell: Deed['tell'] = (...event) => recordEvents(world, ...event)
  for (const { file, projectId, personId } of leftPushes(world)) {
    const project = world.projects.get(projectId)
    const person = world.people.get(personId)
    if (project === undefined || person === undefined) rmSync(file, { force: true })
    else await takePush({ world, person, tell }, project, file)
  }
  await catchUp(world, tell)
}
