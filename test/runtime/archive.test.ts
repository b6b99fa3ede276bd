import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { pack } from '../../runtime/archive.ts'
import { unpack } from '../../runtime/unarchive.ts'

const NOTE = { name: 'session.json', text: '{}' }
const LARGEST = 20 * 1024 * 1024

function newFolder(files: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'errand-archive-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}

const packed = async (root: string, ...paths: string[]) =>
  (await pack(root, paths, NOTE, LARGEST, new AbortController().signal)).archive ?? Buffer.alloc(0)

const tar = (folder: string, ...args: string[]) =>
  execFileSync('tar', ['-czf', '-', '--format=ustar', '-C', folder, ...args], {
    maxBuffer: 1e9,
    stdio: ['ignore', 'pipe', 'ignore'],
  })

const LONG = `${'long/'.repeat(40)}file`
const FILES = {
  'a/empty': '',
  'a/one block': 'x'.repeat(512),
  'a/one more': 'x'.repeat(513),
  [`a/${LONG}`]: 'deep',
  [`a/${'ü'.repeat(60)}`]: 'not ASCII',
  ['a/exactly a hundred bytes'.padEnd(100, '.')]: 'h',
  'a/pack.bin': Buffer.alloc(300_000, 'pack').toString(),
}

test('what is packed comes out the same, and any tar can show it', async () => {
  const root = newFolder({ ...FILES, 'not/asked': 'x' })
  mkdirSync(join(root, 'a', 'refs'))
  const archive = await packed(root, 'a', 'missing')
  const out = join(newFolder(), 'new')
  mkdirSync(out)
  await unpack(archive, out)
  for (const [path, text] of Object.entries(FILES)) expect(readFileSync(join(out, path), 'utf8')).toBe(text)
  expect(readFileSync(join(out, 'session.json'), 'utf8')).toBe('{}')
  // git takes a folder without its `refs` for none of its own.
  expect(existsSync(join(out, 'a', 'refs'))).toBe(true)
  expect(existsSync(join(out, 'not'))).toBe(false)

  const file = join(newFolder(), 'archive.tar.gz')
  writeFileSync(file, archive)
  const env = { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' }
  const shown = execFileSync('tar', ['--quoting-style=literal', '-tzf', file], { encoding: 'utf8', env }).split('\n')
  expect(shown[0]).toBe('session.json')
  expect(shown).toEqual(expect.arrayContaining([...Object.keys(FILES), 'a/refs/']))
  const elsewhere = newFolder()
  execFileSync('tar', ['-xzf', file, '-C', elsewhere], { env })
  for (const [path, text] of Object.entries(FILES)) expect(readFileSync(join(elsewhere, path), 'utf8')).toBe(text)
})

test('links, pipes and what cannot be read are left out', async () => {
  const root = newFolder({ 'a/file': 'x', 'a/locked': 'x', secret: 'secret' })
  symlinkSync('../secret', join(root, 'a', 'link'))
  symlinkSync('..', join(root, 'a', 'folder'))
  symlinkSync('a', join(root, 'whole'))
  execFileSync('mkfifo', [join(root, 'a', 'pipe')])
  chmodSync(join(root, 'a', 'locked'), 0)
  const out = newFolder()
  await unpack(await packed(root, 'a', 'whole'), out)
  expect(readFileSync(join(out, 'a', 'file'), 'utf8')).toBe('x')
  for (const path of ['a/link', 'a/folder', 'a/pipe', 'whole']) expect(existsSync(join(out, path))).toBe(false)
})

test('what is too large is measured, and not kept', async () => {
  const root = newFolder({ a: 'x' })
  execFileSync('truncate', ['-s', '3G', join(root, 'sparse')])
  const { signal } = new AbortController()
  expect(await pack(root, ['sparse'], NOTE, LARGEST, signal)).toEqual({ size: 3 * 1024 ** 3 })
  expect(await pack(root, ['a'], NOTE, 100, signal)).toEqual({ size: expect.any(Number) })
})

test('what a real tar made is read too, when there is nothing but files and folders in it', async () => {
  const out = newFolder()
  await unpack(tar(newFolder({ 'a/b/c': 'c' }), 'a'), out)
  expect(readFileSync(join(out, 'a', 'b', 'c'), 'utf8')).toBe('c')
})

const HOSTILE: Readonly<Record<string, [prepare: (folder: string) => void, args: (outside: string) => string[]]>> = {
  'a name that climbs': [() => undefined, () => ['--transform=s,^a,../stolen,', 'a']],
  'a name that climbs later': [() => undefined, () => ['--transform=s,^a,b/../../stolen,', 'a']],
  'an absolute name': [() => undefined, (outside) => ['-P', `--transform=s,^a,${outside}/stolen,`, 'a']],
  'a link, and a file behind it': [
    (folder) => symlinkSync('..', join(folder, 'link')),
    () => ['link', '--transform=s,^a,link/stolen,', 'a'],
  ],
  'a hard link': [(folder) => execFileSync('ln', [join(folder, 'a'), join(folder, 'b')]), () => ['a', 'b']],
  'a pipe': [(folder) => execFileSync('mkfifo', [join(folder, 'pipe')]), () => ['pipe']],
  'a name twice': [() => undefined, () => ['a', 'a']],
  'a file that is a folder too': [() => undefined, () => ['a', '--transform=s,^a,a/x,', 'a']],
  'a folder that is a file too': [
    () => undefined,
    () => ['--transform=s,^a$,x/y,', 'a', '--transform=s,^x/y$,x,', 'a'],
  ],
  'a name longer than any': [() => undefined, () => ['--format=pax', `--transform=s,^a,${'y'.repeat(300)},`, 'a']],
}

test.each(Object.entries(HOSTILE))('%s is damage, and nothing is written elsewhere', async (_, [prepare, args]) => {
  const folder = newFolder({ a: 'stolen' })
  prepare(folder)
  const outside = newFolder()
  const out = join(outside, 'out')
  mkdirSync(out)
  await expect(unpack(tar(folder, ...args(outside)), out)).rejects.toThrow(/^it /)
  expect(existsSync(join(outside, 'stolen'))).toBe(false)
})

test('more than a disk can take is not begun', async () => {
  const bytes = gunzipSync(tar(newFolder({ a: 'x' }), 'a'))
  bytes.write('17777777777', 124)
  bytes.write(' '.repeat(8), 148)
  const sum = bytes.subarray(0, 512).reduce((total, byte) => total + byte, 0)
  bytes.write(sum.toString(8).padStart(6, '0'), 148)
  await expect(unpack(gzipSync(bytes), newFolder())).rejects.toThrow('it is too large')
})

test('bytes that turned, or are missing, anywhere, are damage or the same; never an error of another kind', async () => {
  const archive = await packed(newFolder(FILES), 'a')
  for (let at = 0; at < archive.length; at += 41) {
    for (const broken of [
      archive.subarray(0, at),
      Buffer.from(archive.map((byte, n) => (n === at ? byte ^ 1 : byte))),
    ]) {
      const outcome = await unpack(broken, newFolder()).then(
        () => 'the same',
        (error: Error) => error.constructor.name,
      )
      expect(['Damaged', 'the same']).toContain(outcome)
    }
  }
})

test('tar in gzip that is no tar', async () => {
  await expect(unpack(gzipSync('x'.repeat(2000)), newFolder())).rejects.toThrow('it is no archive of ours')
})
