/** To the models' providers: their APIs with Errand's key put in. What they answer passes as it is, and is counted. */

import { type NextFunction, type Request, type Response, Router } from 'express'
import { type AdmitNeeds, type Admitted, admit } from './admit.ts'
import { type AccountNeeds, type Accounts, createAccounts } from './modelAccount.ts'
import { anthropic } from './modelAnthropic.ts'
import { createGate, isAllowed } from './modelGate.ts'
import { gemini } from './modelGemini.ts'
import { openai } from './modelOpenai.ts'
import type { Access, Provider } from './modelProvider.ts'
import { notAllowed, type Refusal, UNREADABLE } from './modelRefusal.ts'
import { hasBody, noKey, sendOn } from './modelSend.ts'

export type ModelNeeds = AdmitNeeds &
  AccountNeeds & {
    /** How the providers are reached; without it nothing is passed on to one. */
    readonly model: { readonly [name in Provider['name']]?: Access | undefined }
  }

/** Everything below `/v1/model`: the paths of each provider below its name. */
export function modelRoutes(needs: ModelNeeds): Router {
  const router = Router({ strict: true, caseSensitive: true })
  const accounts = createAccounts(needs)
  for (const provider of [anthropic, openai, gemini]) {
    const enter = (req: Request, res: Admitted, next: NextFunction) => {
      const credential = (headers: Request['headers']) => provider.credential(headers, req.url)
      const refuse = (answer: Response, status: 401 | 503, words: string) =>
        void answer.status(status).json(provider.error(status, words))
      return admit(needs, { credential, refuse })(req, res, next)
    }
    router.use(`/${provider.name}`, enter, (req: Request, res: Admitted) => pass(req, res, provider, accounts, needs))
  }
  return router
}

async function pass(
  req: Request,
  res: Admitted,
  provider: Provider,
  accounts: Accounts,
  { model, models, log }: ModelNeeds,
): Promise<void> {
  const refuse = ({ status, message }: Refusal): void => {
    if (status === 429) res.set('Retry-After', '1')
    res.status(status).json(provider.error(status, message))
  }
  const call = provider.open.find(({ method, path }) => method.test(req.method) && path.test(req.path))
  if (call === undefined) {
    return refuse({ status: 404, message: `${req.method} ${req.path} is not passed on by Errand.` })
  }
  const access = model[provider.name]
  if (access === undefined) return refuse({ status: 403, message: noKey(provider) })
  const { allow } = models
  const named = call.path.exec(req.path)?.groups?.model
  if (allow !== undefined && named !== undefined && !isAllowed(named, allow)) return refuse(notAllowed(named, allow))
  if (allow !== undefined && call.model === 'body' && !hasBody(req)) return refuse(UNREADABLE)
  const account = call.generates ? await accounts.enter(res.locals.caller.task) : undefined
  if (account !== undefined && 'status' in account) return refuse(account)
  try {
    const gate = createGate(call.model === 'body' ? allow : undefined)
    await sendOn(req, res, { provider, access, account, gate, named, log, refuse })
  } finally {
    account?.leave()
  }
}
