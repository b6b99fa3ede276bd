import assert from 'node:assert/strict'
import { once } from 'node:events'
import test from 'node:test'
import { products } from '../src/products.js'
import { server } from '../src/server.js'

test('the shop lists its products and nothing else', async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = `http://127.0.0.1:${server.address().port}`
  assert.deepEqual(await (await fetch(`${address}/products`)).json(), products)
  assert.equal((await fetch(`${address}/cars`)).status, 404)
  server.close()
})
