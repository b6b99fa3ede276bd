import { expect, test } from 'vitest'
import { shortMemory } from '../../src/gitlab/shortMemory.ts'

test('what is remembered is bounded, and gone after its time', async () => {
  const found: string[] = []
  const find = (key: string) => async () => {
    found.push(key)
    return key
  }
  const remember = shortMemory<string>(60_000, 2)
  for (const key of ['a', 'b', 'a', 'c', 'b', 'a']) await remember(key, find(key))
  expect(found).toEqual(['a', 'b', 'c', 'a'])
  const forget = shortMemory<string>(0, 2)
  for (const key of ['x', 'x']) await forget(key, find(key))
  expect(found.slice(4)).toEqual(['x', 'x'])
  const failing = shortMemory<string>(60_000, 2)
  await expect(failing('y', () => Promise.reject(new Error('away')))).rejects.toThrow('away')
  expect(await failing('y', find('y'))).toBe('y')
})

test('who asks at the same time waits for the same answer', async () => {
  const remember = shortMemory<number>(60_000, 10)
  let asked = 0
  const find = async () => {
    asked += 1
    return asked
  }
  expect(await Promise.all([remember('a', find), remember('a', find), remember('b', find)])).toEqual([1, 1, 2])
})
