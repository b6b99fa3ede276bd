/** The page that Vite built: files that never change under their names, and one document for every other address. */

import { join } from 'node:path'
import express, { type Request, type Response, Router } from 'express'

/** Everything of it comes from us, and nothing of it is made of text (reliability.md T17). */
export const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "font-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "require-trusted-types-for 'script'",
].join('; ')

const NOT_BUILT = 'The page is not built: run `npm run build`. The API is there: GET /api tells of it.\n'

/** `folder` holds index.html, and below assets/ what has its content's hash in its name. */
export function webFiles(folder: string): Router {
  const router = Router()
  router.use(
    '/assets',
    express.static(join(folder, 'assets'), { index: false, immutable: true, maxAge: '365d', fallthrough: true }),
    // The page of another version asks for what is no more: the document would be no answer to that.
    (_: Request, response: Response) => void response.status(404).type('text').send('There is no such file.\n'),
  )
  router.use(
    express.static(folder, {
      index: false,
      cacheControl: false,
      setHeaders: (response) => void response.set('Cache-Control', 'no-cache'),
    }),
  )
  router.get('/{*path}', (_, response) => {
    response.set('Cache-Control', 'no-cache')
    response.sendFile('index.html', { root: folder, cacheControl: false }, (error?: NodeJS.ErrnoException) => {
      if (error === undefined || response.headersSent) return
      response.status(503).type('text').send(NOT_BUILT)
    })
  })
  return router
}
