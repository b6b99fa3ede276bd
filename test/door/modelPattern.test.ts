import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fits, mostExact } from '../../src/door/modelPattern.ts'

test.each([
  ['claude-opus-5-5', 'claude-*', true],
  ['claude-opus-5-5', 'claude-opus-5-5', true],
  ['claude-opus-5-5', '*', true],
  ['claude-opus-5-5', '*opus*', true],
  ['claude-opus-5-5', 'claude-*-5', true],
  ['claude-opus-5-5', 'claude', false],
  ['claude-opus-5-5', 'opus*', false],
  ['claude-opus-5-5', 'Claude-*', false],
  ['gpt-5.1', 'gpt-5?1', false],
  ['gpt-5x1', 'gpt-5.1', false],
  ['ab', 'ab*b', false],
  ['', '', true],
  ['', '*', true],
])('%j and %j: %s', (name, pattern, answer) => {
  expect(fits(name, pattern)).toBe(answer)
})

test('a star is any text, and all else is itself', () => {
  const letter = fc.constantFrom('a', 'b', '-', '.', '*')
  const name = fc.string({ unit: fc.constantFrom('a', 'b', '-', '.'), maxLength: 12 })
  fc.assert(
    fc.property(name, fc.string({ unit: letter, maxLength: 8 }), (name, pattern) => {
      const parts = pattern.split('*').map((part) => part.replaceAll(/[-.]/g, '\\$&'))
      expect(fits(name, pattern)).toBe(new RegExp(`^${parts.join('.*')}$`).test(name))
    }),
    { numRuns: 3000 },
  )
})

test('of the patterns that fit, the most exact one says it, whatever the order', () => {
  const table = { '*': 1, 'gpt-5*': 2, 'gpt-5*-mini*': 3, 'claude-*': 4 }
  const backwards = Object.fromEntries(Object.entries(table).reverse())
  for (const [name, value] of [
    ['gpt-5-mini-2026', 3],
    ['gpt-5', 2],
    ['o3', 1],
  ] as const) {
    expect([mostExact(name, table), mostExact(name, backwards)]).toEqual([value, value])
  }
  expect(mostExact('x', { 'y*': 1 })).toBeUndefined()
})
