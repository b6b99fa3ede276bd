import { expect, test } from 'vitest'
import { pathOfOurs } from '../../src/http/loginTo.ts'

test.each([
  ['/', '/'],
  ['/tasks/1-n2?tab=log#L5', '/tasks/1-n2?tab=log#L5'],
  ['/?status=running&project=demo%2Fshop', '/?status=running&project=demo%2Fshop'],
  ['//evil.example', '/'],
  ['/\\evil.example', '/'],
  ['/\t/evil.example', '/'],
  ['/\n/evil.example', '/'],
  ['/.//evil.example', '/'],
  ['/x/..//evil.example', '/'],
  ['/%2e//evil.example', '/'],
  ['https://evil.example/', '/'],
  ['javascript:alert(1)', '/'],
  ['evil.example', '/'],
  ['', '/'],
  ['/login?to=/login', '/'],
  ['/logout', '/'],
  ['/ü', '/'],
  [['/a', '/b'], '/'],
  [undefined, '/'],
])('%j leads to %s', (wanted, path) => {
  expect(pathOfOurs(wanted)).toBe(path)
})
