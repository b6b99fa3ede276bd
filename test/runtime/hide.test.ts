import { execFileSync } from 'node:child_process'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Places } from '../../runtime/given.ts'
import { hide } from '../../runtime/hide.ts'

const FILES = { 'tool.json': '{}', '.tool/settings.json': '{}', '.tool/deep/a': 'a', 'src/a.ts': 'a' }
const PATHS = ['tool.json', '.tool', 'no-such-file', 'link']

function newRepo() {
  const root = mkdtempSync(join(tmpdir(), 'errand-hide-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  const repo = join(root, 'repo')
  const put = (path: string, text: string) => {
    mkdirSync(dirname(join(repo, path)), { recursive: true })
    writeFileSync(join(repo, path), text)
  }
  for (const [path, text] of Object.entries(FILES)) put(path, text)
  symlinkSync('src', join(repo, 'link'))
  const git = (...args: string[]) => execFileSync('git', args, { cwd: repo, encoding: 'utf8' }).trim()
  git('init', '--quiet')
  git('add', '--all')
  git('-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '--quiet', '-m', 'All')
  put('.tool/node_modules/x', 'not committed')
  return {
    repo,
    git,
    put,
    places: { root, repo } as Places,
    read: (path: string) => readFileSync(join(repo, path), 'utf8'),
  }
}

test('out of the way, unseen by git, and back again', () => {
  const { repo, git, places, read } = newRepo()
  const bringBack = hide(places, PATHS)
  for (const path of PATHS) expect(lstatSync(join(repo, path), { throwIfNoEntry: false })).toBeUndefined()
  expect(git('status', '--short')).toBe('')
  bringBack()
  for (const [path, text] of Object.entries(FILES)) expect(read(path)).toBe(text)
  expect(read('.tool/node_modules/x')).toBe('not committed')
  expect(lstatSync(join(repo, 'link')).isSymbolicLink()).toBe(true)
  expect(existsSync(join(places.root, 'hidden'))).toBe(false)
})

test('what was put in its place stays; what was not replaced comes back beside it', () => {
  const { put, places, read } = newRepo()
  const bringBack = hide(places, PATHS)
  put('tool.json', 'new')
  put('.tool/settings.json', 'new')
  put('link', 'a file')
  bringBack()
  expect([read('tool.json'), read('.tool/settings.json'), read('.tool/deep/a'), read('link')]).toEqual([
    'new',
    'new',
    'a',
    'a file',
  ])
})

test('where nothing is to hide nothing is made', () => {
  const { places } = newRepo()
  hide(places, ['no-such-file'])()
  expect(existsSync(join(places.root, 'hidden'))).toBe(false)
})
