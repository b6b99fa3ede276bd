import assert from 'node:assert/strict'
import test from 'node:test'
import { add, total } from '../src/cart.js'

test('an empty cart costs nothing', () => {
  assert.equal(total({}), 0)
})

test('a cart adds up', () => {
  assert.equal(total(add(add({}, 'tea', 2), 'mug')), 2190)
})

test('what does not exist is refused', () => {
  assert.throws(() => add({}, 'car'), /There is no product "car"/)
})
