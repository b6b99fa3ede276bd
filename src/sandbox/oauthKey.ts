import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The key that id tokens are signed with. */
export type SigningKey = {
  /** What `/oauth/discovery/keys` answers. */
  readonly jwks: { readonly keys: readonly object[] }
  /** A JWT (RS256) of these claims. */
  sign(claims: object): string
}

/** Kept with the world, so that a restart changes nothing; made when it is first needed, which takes a moment. */
export function signingKey(data: string): () => SigningKey {
  let key: SigningKey | undefined
  return () => {
    key ??= withKey(readOrMake(join(data, 'oauth-key.pem')))
    return key
  }
}

function readOrMake(file: string): KeyObject {
  if (existsSync(file)) return createPrivateKey(readFileSync(file))
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  return privateKey
}

function withKey(privateKey: KeyObject): SigningKey {
  const { n = '', ...jwk } = createPublicKey(privateKey).export({ format: 'jwk' })
  const kid = n.slice(0, 16)
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return {
    jwks: { keys: [{ ...jwk, n, kid, use: 'sig', alg: 'RS256' }] },
    sign: (claims) => {
      const text = `${part({ typ: 'JWT', alg: 'RS256', kid })}.${part(claims)}`
      return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`
    },
  }
}
