import { createServer } from 'node:http'
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'
import { products } from './products.js'

/** The shop over HTTP: a list of products. */
export const server = createServer((request, response) => {
  if (request.method === 'GET' && request.url === '/products') {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(products))
    return
  }
  response.statusCode = 404
  response.end('Not found\n')
})

if (argv[1] === fileURLToPath(import.meta.url)) server.listen(3000, '127.0.0.1')
