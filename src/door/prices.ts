/** What models cost. Dollars per million tokens, as the providers list them for their standard service, read in November 2026. */

/** Dollars per million tokens; reading from and writing to the provider's cache cost as much as input unless said otherwise. */
export type Rates = {
  readonly input: number
  readonly cacheRead?: number | undefined
  readonly cacheWrite?: number | undefined
  readonly output: number
}

/** With `long`, a call whose input of all kinds is more than `above` tokens is charged by these rates, the whole of it. */
export type Price = Rates & { readonly long?: (Rates & { readonly above: number }) | undefined }

/** By patterns of names (modelPattern.ts). */
export type Prices = Readonly<Record<string, Price>>

function rates(input: number, cacheRead: number, cacheWrite: number, output: number): Rates {
  return { input, cacheRead, cacheWrite, output }
}

/** These rates, and beyond `above` tokens so many times as much for what is read and for what is written. */
function rising(short: Rates, above: number, read: number, written: number): Price {
  const { input, cacheRead = input, cacheWrite = input, output } = short
  return { ...short, long: { above, ...rates(input * read, cacheRead * read, cacheWrite * read, output * written) } }
}

/** OpenAI's models with room for a million tokens. */
function openai(input: number, cacheRead: number, cacheWrite: number, output: number): Price {
  return rising(rates(input, cacheRead, cacheWrite, output), 272_000, 2, 1.5)
}

/** Google's large models. */
function gemini(input: number, cacheRead: number, output: number): Price {
  return rising(rates(input, cacheRead, input, output), 200_000, 2, 1.5)
}

/**
 * Families of models; of patterns that are equally exact, the first. One without a version is for what is to come, at its
 * family's price of today. Not in here: what the providers' own tools cost (a web search), and faster or regional service.
 */
export const LISTED: Prices = {
  'claude-fable-*': rates(10, 1, 12.5, 50),
  'claude-fable-5-1*': rates(10, 0.25, 12.5, 50),
  'claude-mythos-*': rates(10, 1, 12.5, 50),
  'claude-mythos-5-1*': rates(10, 0.25, 12.5, 50),
  'claude-opus-*': rates(5, 0.5, 6.25, 25),
  'claude-opus-5-5*': rates(4, 0.2, 5, 20),
  'claude-opus-4-1*': rates(15, 1.5, 18.75, 75),
  'claude-opus-4-0*': rates(15, 1.5, 18.75, 75),
  'claude-opus-4-2025*': rates(15, 1.5, 18.75, 75),
  'claude-opus-4@*': rates(15, 1.5, 18.75, 75),
  'claude-sonnet-*': rates(3, 0.3, 3.75, 15),
  'claude-sonnet-5*': rates(2, 0.2, 2.5, 10),
  'claude-sonnet-5-5*': rates(2, 0.1, 2.5, 10),
  'claude-haiku-*': rates(1, 0.1, 1.25, 5),
  'claude-haiku-5-5*': rising(rates(0.1, 0.01, 0.125, 0.5), 100_000, 5, 5),

  'gpt-6*-astra*': openai(10, 1, 12.5, 50),
  'gpt-6.2-astra*': openai(8, 0.8, 10, 40),
  'gpt-6-sol*': openai(2, 0.2, 2.5, 10),
  'gpt-6*-sol*': openai(2, 0.1, 2.5, 10),
  'gpt-6*-terra*': openai(1, 0.05, 1.25, 5),
  'gpt-6*-luna*': openai(0.1, 0.01, 0.125, 0.5),
  'gpt-5.6*': openai(4, 0.4, 5, 20),
  'gpt-5.6-terra*': openai(2, 0.2, 2.5, 12),
  'gpt-5.6-luna*': openai(0.2, 0.02, 0.25, 1.2),
  'gpt-5.5*': openai(5, 0.5, 5, 30),
  'gpt-5.4*': openai(2.5, 0.25, 2.5, 15),
  'gpt-5.4-mini*': rates(0.75, 0.075, 0.75, 4.5),
  'gpt-5.4-nano*': rates(0.2, 0.02, 0.2, 1.25),
  'gpt-5*-pro*': rates(30, 3, 30, 180),
  'gpt-5.3*': rates(1.75, 0.175, 1.75, 14),
  'gpt-5.2*': rates(1.75, 0.175, 1.75, 14),
  'gpt-5*': rates(1.25, 0.125, 1.25, 10),
  'gpt-5-mini*': rates(0.25, 0.025, 0.25, 2),
  'gpt-5.1-codex-mini*': rates(0.25, 0.025, 0.25, 2),
  'gpt-5-nano*': rates(0.05, 0.005, 0.05, 0.4),
  'gpt-4.1*': rates(2, 0.5, 2, 8),
  'o3*': rates(2, 0.5, 2, 8),
  'o4-mini*': rates(1.1, 0.275, 1.1, 4.4),

  'gemini-3*-pro*': gemini(2, 0.2, 12),
  'gemini-2.5-pro*': gemini(1.25, 0.125, 10),
  'gemini-3-flash*': rates(0.5, 0.05, 0.5, 3),
  // 3.6 and later: the price from 2027 on. Until then half of it is asked.
  'gemini-3*-flash*': rates(1.5, 0.15, 1.5, 7.5),
  'gemini-3.5-flash*': rates(1.5, 0.15, 1.5, 9),
  'gemini-3.1-flash-lite*': rates(0.25, 0.025, 0.25, 1.5),
  'gemini-2.5-flash*': rates(0.3, 0.03, 0.3, 2.5),
  'gemini-2.5-flash-lite*': rates(0.1, 0.01, 0.1, 0.4),
}
