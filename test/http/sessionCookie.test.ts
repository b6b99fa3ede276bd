import { expect, test } from 'vitest'
import { createCookies } from '../../src/http/sessionCookie.ts'

test('on https no other host can set it, and it travels nowhere else', () => {
  const cookies = createCookies('https://errand.example.com', () => 'k'.repeat(32))
  const kept = cookies.keep('session', 'an-id')
  expect(kept).toMatch(/^__Host-errand=an-id\.[\w-]{43}; Max-Age=28800; Path=\/; HttpOnly; Secure; SameSite=Lax$/)
  expect(cookies.keep('begun', 'an-id')).toMatch(/^__Host-errand-login=.*; Max-Age=600; /)
  expect(cookies.forget('session')).toMatch(/^__Host-errand=; Max-Age=0; Path=\/; HttpOnly; Secure/)
  const cookie = kept.split(';')[0] ?? ''
  expect(cookies.read('session', { cookie: `a=b; ${cookie}` })).toBe('an-id')
  expect(cookies.read('session', { cookie: cookie.replace('__Host-', '') })).toBeUndefined()
  expect(cookies.read('session', {})).toBeUndefined()
})
