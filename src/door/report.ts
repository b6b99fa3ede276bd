/** What the container and Errand tell each other: the request out; log, activity, session and outcome in, masked before they are shown. */

import express, { type NextFunction, type Request, type Response, Router } from 'express'
import {
  type LogPosition,
  type Outcome,
  PHASES,
  type Phase,
  type Request as RunRequest,
} from '../../runtime/protocol.ts'
import { type AdmitNeeds, type Admitted, admit, bearer } from './admit.ts'
import { mask, maskText } from './mask.ts'
import { mapTexts, readOutcome } from './readOutcome.ts'
import { putMasks, type SecretNeeds, secretsOf } from './secretValues.ts'
import { giveSession, type SessionNeeds, takeSession } from './session.ts'

/** Where a task's log is kept (redis/logbook.ts). */
export type Logbook = {
  /**
   * Adds the masked form of the attempt's raw bytes from `rawFrom` to `rawTo` (exclusive), or tells the raw byte wanted
   * instead. `places`: how many of them were masked.
   */
  append(
    task: string,
    attempt: number,
    rawFrom: number,
    rawTo: number,
    masked: Buffer,
    places: number,
  ): Promise<{ ok: boolean; offset: number }>
}

export type ReportNeeds = AdmitNeeds &
  SecretNeeds &
  SessionNeeds & {
    request(task: string, attempt: number): Promise<RunRequest>
    readonly logbook: Logbook
    /** Shown live; the text is masked, one line. `phase`: the part of the run that it belongs to. */
    activity(task: string, attempt: number, text: string, phase: Phase | undefined): Promise<void>
    /** Keeps the first of an attempt; the same again does nothing. */
    outcome(task: string, attempt: number, outcome: Outcome): Promise<void>
  }

const LARGEST_LOG_PART = 4 * 1024 * 1024
const LARGEST_OUTCOME = 1024 * 1024
const LARGEST_ACTIVITY = 16 * 1024
const LARGEST_MASKS = 256 * 1024
/** Characters of an activity that are shown. */
const LONGEST_ACTIVITY = 300

/** `/v1/request`, `/v1/masks`, `/v1/log`, `/v1/activity`, `/v1/session`, `/v1/outcome`. */
export function reportRoutes(needs: ReportNeeds): Router {
  const router = Router({ strict: true, caseSensitive: true })
  const guard = admit(needs, {
    credential: bearer,
    refuse: (res, status, error) => void res.status(status).json({ error }),
  })

  router.get('/request', guard, async (_: Request, res: Admitted) => {
    const { task, attempt } = res.locals.caller
    res.json(await needs.request(task, attempt))
  })
  router.put('/masks', guard, json(LARGEST_MASKS), (req: Request, res: Admitted) => putMasks(req, res, needs))
  router.get('/session', guard, (_: Request, res: Admitted) => giveSession(res, needs))
  router.put('/session', guard, (req: Request, res: Admitted) => takeSession(req, res, needs))
  router.patch('/log', guard, bytes(LARGEST_LOG_PART), (req: Request, res: Admitted) => addToLog(req, res, needs))
  router.put('/activity', guard, json(LARGEST_ACTIVITY), async (req: Request, res: Admitted) => {
    const { task, attempt } = res.locals.caller
    const text: unknown = req.body?.text
    if (typeof text !== 'string') return wrong(res, 'activity.text: not a text')
    const line = maskText(text, await secretsOf(res.locals.caller, needs))
      .replace(/[\s\p{Cc}]+/gu, ' ')
      .trim()
    const phase = PHASES.find((one) => one === req.body.phase)
    await needs.activity(task, attempt, [...line].slice(0, LONGEST_ACTIVITY).join(''), phase)
    res.sendStatus(204)
  })
  router.put('/outcome', guard, json(LARGEST_OUTCOME), async (req: Request, res: Admitted) => {
    const { task, attempt } = res.locals.caller
    const outcome = readOutcome(req.body)
    if ('wrong' in outcome) return wrong(res, outcome.wrong)
    const secrets = await secretsOf(res.locals.caller, needs)
    await needs.outcome(
      task,
      attempt,
      mapTexts(outcome, (text) => maskText(text, secrets)),
    )
    res.sendStatus(204)
  })
  return router
}

/**
 * A part of the log: `Content-Range: bytes a-b/*` in the attempt's raw bytes. 200 with the raw byte wanted next, which is
 * before b + 1 while the last bytes may still become a secret; `Errand-Log-End: true` decides them. 416 when `a` was not wanted.
 */
async function addToLog(req: Request, res: Admitted, needs: ReportNeeds): Promise<void> {
  const { task, attempt } = res.locals.caller
  const [, first, last] = /^bytes (\d{1,15})-(\d{1,15})\/(?:\*|\d+)$/.exec(req.headers['content-range'] ?? '') ?? []
  const body: unknown = req.body
  const from = Number(first)
  if (first === undefined || !Buffer.isBuffer(body))
    return wrong(res, 'Content-Range: not "bytes a-b/*" with these bytes')
  if (Number(last) - from + 1 !== body.length)
    return wrong(res, `Content-Range: is for other than ${body.length} bytes`)
  const secrets = await secretsOf(res.locals.caller, needs)
  const { masked, decided, count } = mask(body, secrets, { end: req.headers['errand-log-end'] === 'true' })
  const { ok, offset } = await needs.logbook.append(task, attempt, from, from + decided, masked, count)
  const position: LogPosition = { offset }
  res.status(ok ? 200 : 416).json(position)
}

function wrong(res: Response, error: string): void {
  res.status(400).json({ error })
}

/** Not unpacked: what is sent packed is refused with 415. */
function bytes(limit: number) {
  return express.raw({ type: () => true, limit, inflate: false })
}

function json(limit: number) {
  const parse = express.json({ type: () => true, limit, inflate: false, strict: false })
  return (req: Request, res: Response, next: NextFunction) => parse(req, res, next)
}
