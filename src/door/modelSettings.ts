/** `models` in the file of settings. */

import { z } from 'zod'

const dollars = z.number().nonnegative()

const rates = {
  input: dollars.describe('What is read.'),
  cacheRead: dollars.optional().describe("What is read from the provider's cache; as input unless said otherwise."),
  cacheWrite: dollars.optional().describe("What is written to the provider's cache; as input unless said otherwise."),
  output: dollars.describe('What is written, thoughts too.'),
}

const price = z.strictObject({
  ...rates,
  long: z
    .strictObject({ above: z.int().positive().describe('Tokens read.'), ...rates })
    .optional()
    .describe('The price of a call that reads more than so many tokens, the whole of it.'),
})

export const ModelSettings = z.strictObject({
  prices: z
    .record(z.string().min(1), price)
    .default({})
    .describe(
      'US dollars per million tokens, by the name of the model; * stands for any text. They come before the listed prices of Anthropic, OpenAI and Gemini. A model without a price is counted as the dearest one; your own model is free with { input: 0, output: 0 }.',
    ),
  allow: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe("The models that agents may use, as 'claude-*'; any of the provider's otherwise."),
  names: z
    .array(z.string().min(1))
    .optional()
    .describe("The models that a project's own file may name, as agents call them; any otherwise, within `allow`."),
})
export type ModelSettings = z.output<typeof ModelSettings>
