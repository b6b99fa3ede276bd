import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { hasLfs } from '../../runtime/lfsSettings.ts'
import { type Attempt, BRANCH, READY, type Wish } from './attempt.ts'
import { left } from './left.ts'

const LARGE = 'the large file\n'
const oid = (text: string) => createHash('sha256').update(text).digest('hex')
const pointer = (text: string) =>
  `version https://git-lfs.github.com/spec/v1\noid sha256:${oid(text)}\nsize ${Buffer.byteLength(text)}\n`

const FILES = {
  ...READY,
  '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n',
  'large.bin': pointer(LARGE),
}

async function withLfs(commands: string, wish: Wish = {}): Promise<Attempt> {
  const attempt = await left(commands, { files: FILES, ...wish })
  attempt.door.lfs.set(oid(LARGE), Buffer.from(LARGE))
  return attempt
}

const show = (attempt: Attempt, path: string) => `${attempt.git('show', `${BRANCH}:${path}`)}\n`

describe.runIf(hasLfs({ outer: process.env }))(
  'with git-lfs (these tests are left out where it is not installed)',
  () => {
    test('the agent sees contents, git sees pointers, and what is new is uploaded before the push', async () => {
      const attempt = await withLfs(`cp large.bin seen; git status --porcelain > status; echo new > new.bin
      echo -n changed > large.bin; mkdir sub; echo own > sub/own.bin; git add sub; git commit -qm 'Add own'; rm sub/own.bin`)
      expect(await attempt.run()).toBe(0)
      expect(attempt.door.outcome?.warnings).toEqual([])
      expect(show(attempt, 'seen')).toBe(LARGE)
      expect(show(attempt, 'status')).toBe('?? seen\n?? status\n')
      for (const [path, text] of Object.entries({ 'new.bin': 'new\n', 'large.bin': 'changed' })) {
        expect(show(attempt, path)).toBe(pointer(text))
        expect(attempt.door.lfs.get(oid(text))?.toString()).toBe(text)
      }
      expect(attempt.door.lfs.get(oid('own\n'))?.toString()).toBe('own\n')
      const calls = attempt.door.seen
      const uploaded = calls.findLastIndex((call) => call.startsWith('PUT /v1/git/info/lfs/'))
      expect(uploaded).toBeLessThan(calls.indexOf('POST /v1/git/git-receive-pack'))
      expect(attempt.door.log.toString()).toMatch(/the workspace is ready: clone [\d.]+ s, LFS [\d.]+ s/)
    })

    test('nothing changed: no file becomes another one, and nothing is uploaded', async () => {
      const attempt = await withLfs('true')
      expect(await attempt.run()).toBe(0)
      expect(attempt.door.outcome?.result).toBe('unchanged')
      expect(attempt.door.seen.filter((call) => call.startsWith('PUT /v1/git'))).toEqual([])
    })

    test('the git directory made anew: files stay pointers all the same', async () => {
      const attempt = await withLfs('rm -rf .git; git init -q; echo new > new.bin')
      expect(await attempt.run()).toBe(0)
      expect(attempt.door.outcome?.pushed?.files.map(({ path }) => path)).toEqual(['new.bin'])
      expect(attempt.door.lfs.get(oid('new\n'))?.toString()).toBe('new\n')
    })

    test('the first LFS files of a repository', async () => {
      const attempt = await left(`echo '*.bin filter=lfs -text' > .gitattributes; echo new > new.bin`)
      expect(await attempt.run()).toBe(0)
      expect(show(attempt, 'new.bin')).toBe(pointer('new\n'))
      expect(attempt.door.lfs.has(oid('new\n'))).toBe(true)
    })

    test('a rebase of commits with LFS files', async () => {
      const attempt = await withLfs('echo new > new.bin')
      attempt.door.fault = (_, path) => {
        if (path.endsWith('git-receive-pack') && attempt.git('branch', '--list', BRANCH) === '')
          attempt.commit(BRANCH, { person: 'x\n' })
        return undefined
      }
      expect(await attempt.run()).toBe(0)
      expect(show(attempt, 'new.bin')).toBe(pointer('new\n'))
      expect(show(attempt, 'large.bin')).toBe(pointer(LARGE))
    })

    test('the repository cannot send its files, or the credential, elsewhere', async () => {
      const seen: string[] = []
      const thief = createServer((incoming, answer) => {
        seen.push(`${incoming.url} ${incoming.headers.authorization ?? ''}`)
        answer.writeHead(404).end()
      })
      await new Promise<void>((listening) => thief.listen(0, '127.0.0.1', listening))
      onTestFinished(() => void thief.close())
      const url = `http://127.0.0.1:${(thief.address() as AddressInfo).port}/lfs`
      const config = `[lfs]\n\turl = ${url}\n\tpushurl = ${url}\n[remote "origin"]\n\tlfsurl = ${url}\n\tlfspushurl = ${url}\n`
      const attempt = await withLfs(
        `git config lfs.url ${url}; git config lfs.pushurl ${url}; cp large.bin seen; echo new > new.bin
       git config lfs.customtransfer.evil.path /bin/false; git config lfs.standalonetransferagent evil`,
        { files: { ...FILES, '.lfsconfig': config } },
      )
      expect(await attempt.run()).toBe(0)
      expect(show(attempt, 'seen')).toBe(LARGE)
      expect(attempt.door.lfs.has(oid('new\n'))).toBe(true)
      expect(seen).toEqual([])
    })

    test('files that the server does not have are a warning, and the agent sees pointers', async () => {
      const attempt = await withLfs('cp large.bin seen')
      attempt.door.lfs.clear()
      expect(await attempt.run()).toBe(0)
      expect(show(attempt, 'seen')).toBe(pointer(LARGE))
      expect(attempt.door.outcome?.warnings).toEqual([
        expect.stringMatching(/^LFS files are missing, the agent saw pointers in their place:\n.*no such object/s),
      ])
    })

    test('files that cannot be uploaded are a warning, and the commit is pushed for what it is', async () => {
      const attempt = await withLfs('echo new > new.bin')
      attempt.door.fault = (method, path) =>
        method === 'PUT' && path.startsWith('/v1/git/info/lfs') ? { status: 403 } : undefined
      expect(await attempt.run()).toBe(0)
      expect(attempt.door.outcome).toMatchObject({
        result: 'pushed',
        warnings: [expect.stringMatching(/^LFS files could not be uploaded:\nLFS: Authorization error/)],
      })
    })
  },
)

test('an image without git-lfs: said in words, and nothing is made of the pointers', async () => {
  const attempt = await withLfs('echo 1 > one')
  const bin = `${attempt.folder}/bin`
  for (const name of ['git', 'bash', 'sh', 'cat', 'rm', 'env'])
    execFileSync('ln', ['-s', execFileSync('which', [name], { encoding: 'utf8' }).trim(), `${bin}/${name}`])
  expect(await attempt.run({ PATH: bin })).toBe(0)
  expect(attempt.door.outcome).toMatchObject({
    pushed: { files: [{ path: 'one' }] },
    warnings: [
      'This repository keeps files in Git LFS, and the image has no `git-lfs`: the agent saw pointers in their place.',
    ],
  })
})
