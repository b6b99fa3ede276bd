/** Starts the redis-server of this machine on a free port, with a data folder; one that an earlier process left there is connected to. */

import { spawn } from 'node:child_process'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { signal, startOf } from './processes.ts'

export type LocalRedis = { readonly url: string; readonly pid: number; stop(): Promise<void> }

type Note = { readonly pid: number; readonly start: string | undefined; readonly port: number }

/** `port` is a free one unless said otherwise. */
export async function startRedis(program: string, folder: string, port?: number): Promise<LocalRedis> {
  await mkdir(folder, { recursive: true })
  const file = join(folder, 'redis.json')
  for (let attempt = 1; attempt <= 10; attempt++) {
    const running = await readNote(file)
    if (running !== undefined && (await answers(running))) return handle(running, file)
    await rm(file, { force: true })
    const started = await launch(program, folder, port ?? (await freePort()))
    if (started === undefined) continue
    try {
      await writeFile(file, JSON.stringify(started), { flag: 'wx' })
      return handle(started, file)
    } catch {
      // Another process was faster with the same folder: theirs is used.
      signal(started.pid, 'SIGKILL')
    }
  }
  throw new Error(`${program} did not start in ${folder}: see ${join(folder, 'redis.log')}`)
}

/** Undefined when it ended at once: somebody took the free port in between. */
async function launch(program: string, folder: string, port: number): Promise<Note | undefined> {
  const settings = {
    port,
    bind: '127.0.0.1',
    dir: folder,
    logfile: join(folder, 'redis.log'),
    appendonly: 'yes',
    save: '',
    'maxmemory-policy': 'noeviction',
  }
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)])
  // A session of its own: a Ctrl-C is for us, and Redis must outlive our farewell.
  const child = spawn(program, args, { detached: true, stdio: 'ignore' })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()).once('error', () => resolve()))
  child.unref()
  const { pid } = child
  if (pid === undefined) return undefined
  const note = { pid, start: await startOf(pid), port }
  const up = (async () => {
    for (let tries = 0; tries < 200; tries++) {
      if (await answers(note)) return note
      await sleep(50)
    }
    return undefined
  })()
  return Promise.race([up, ended.then(() => undefined)])
}

function handle(note: Note, file: string): LocalRedis {
  return {
    url: `redis://127.0.0.1:${note.port}`,
    pid: note.pid,
    async stop() {
      if ((await startOf(note.pid)) === note.start) signal(note.pid, 'SIGTERM')
      for (let tries = 0; tries < 100 && (await startOf(note.pid)) === note.start; tries++) await sleep(50)
      await rm(file, { force: true })
    },
  }
}

async function readNote(file: string): Promise<Note | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch {
    return undefined
  }
}

/** That process, and not a later one of the same pid or somebody else on the same port. */
async function answers({ pid, start, port }: Note): Promise<boolean> {
  if (start === undefined || (await startOf(pid)) !== start) return false
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'))
    const done = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.setTimeout(1000, () => done(false))
    socket.once('data', (data) => done(data.toString().startsWith('+PONG')))
    socket.once('error', () => done(false))
  })
}

/** A port that nobody uses now; somebody else may be faster. */
export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
