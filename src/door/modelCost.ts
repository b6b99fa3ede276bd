/** What one call has cost. */

import { mostExact } from './modelPattern.ts'
import { LISTED, type Price, type Prices, type Rates } from './prices.ts'

/** Tokens of one call; none of them stands in two places. */
export type Tokens = {
  readonly input: number
  readonly cacheRead: number
  readonly cacheWrite: number
  /** Written to be kept for an hour, where the provider tells it apart. */
  readonly cacheWriteHour: number
  readonly output: number
}

/** Anthropic: what is written for an hour costs twice the input, for five minutes 1.25 times. Nobody else tells it apart. */
const HOUR = 2 / 1.25

/** A longer name is nobody's: it comes from the agent, and every part of it is compared with every pattern. */
const LONGEST_NAME = 200

/** The operator's price, otherwise the listed one. Gateways put words before a name (`bedrock/us.anthropic.claude-…`). */
export function priceOf(model: string, own: Prices): Price | undefined {
  if (model.length > LONGEST_NAME) return undefined
  const names = [model, ...[...model.matchAll(/[/.]/g)].map(({ index }) => model.slice(index + 1))]
  for (const table of [own, LISTED]) {
    for (const name of names) {
      const price = mostExact(name, table)
      if (price !== undefined) return price
    }
  }
  return undefined
}

/** For a model of unknown price: what is asked the most for, by any model whose price is known, of each kind of token. */
export function dearest(own: Prices): Rates {
  const all = [...Object.values(own), ...Object.values(LISTED)].flatMap((price) => [price, price.long ?? price])
  const most = (of: (rates: Rates) => number) => Math.max(...all.map(of))
  return {
    input: most(({ input }) => input),
    cacheRead: most(({ input, cacheRead = input }) => cacheRead),
    cacheWrite: most(({ input, cacheWrite = input }) => cacheWrite),
    output: most(({ output }) => output),
  }
}

/** Millionths of a dollar, which is what dollars per million tokens give; whole ones. */
export function microDollars(tokens: Tokens, price: Price): number {
  const { input, cacheRead, cacheWrite, cacheWriteHour, output } = tokens
  const read = input + cacheRead + cacheWrite + cacheWriteHour
  const rates = price.long !== undefined && read > price.long.above ? price.long : price
  const writing = rates.cacheWrite ?? rates.input
  return Math.round(
    input * rates.input +
      cacheRead * (rates.cacheRead ?? rates.input) +
      cacheWrite * writing +
      cacheWriteHour * writing * HOUR +
      output * rates.output,
  )
}
