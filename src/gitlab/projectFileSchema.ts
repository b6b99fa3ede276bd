/** `.gitlab/agent.yml`, key by key: how Errand works in a project. docs/agent.yml.schema.json is made of it, for editors. */

import { z } from 'zod'

/** What a value has to be, in words that finish "it should be …". */
export const expected = z.registry<{ readonly expects: string }>()

/** A value of the file: what it has to be, and what it is for. */
function value<Schema extends z.ZodType>(schema: Schema, expects: string, about: string): z.ZodOptional<Schema> {
  const described = schema.optional().describe(about)
  expected.add(described, { expects })
  return described
}

const name = (pattern: RegExp) => z.string().max(255).regex(pattern)
/** GitLab's own rule: a comma parts labels. */
const label = name(/^[^,\n]*\S[^,\n]*$/)
const person = name(/^@?[\w.-]+$/).transform((text) => text.replace(/^@/, ''))
const flag = z.boolean()
const YES_OR_NO = 'true or false'

/** `90` is minutes, `1h 30m` as GitLab CI writes it → seconds. */
const time = z
  .union([
    z
      .number()
      .min(1)
      .max(24 * 60),
    z.string().regex(/^(?=.*\d)\s*(?:(\d{1,3})\s*(?:h|hours?))?\s*(?:(\d{1,4})\s*(?:m|min|minutes?))?\s*$/i),
  ])
  .transform((written) => {
    if (typeof written === 'number') return written * 60
    const hours = /(\d+)\s*h/i.exec(written)?.[1] ?? 0
    const minutes = /(\d+)\s*m/i.exec(written)?.[1] ?? 0
    return (Number(hours) * 60 + Number(minutes)) * 60
  })
  .refine((seconds) => seconds >= 60 && seconds <= 24 * 3600)

export const AgentFile = z
  .strictObject({
    agent: value(name(/^[a-z][\w-]*$/), 'the name of an agent, as claude', 'The agent that does the work.'),
    model: value(name(/^\w[\w.:/@+[\]-]*$/), 'the name of a model, as opus', 'The model that it uses.'),
    limits: z
      .strictObject({
        turns: value(
          z.int().min(1).max(10_000),
          'a whole number from 1 to 10000',
          'Calls of the model that a task may make.',
        ),
        budget: value(
          z.number().min(0.01).max(10_000),
          'a number of US dollars, as 5',
          'US dollars that a task may cost, if the request names no sum.',
        ),
        time: value(
          time,
          'a time of up to 24 hours, as 90 (minutes) or 1h 30m',
          'How long the agent may work on a task.',
        ),
      })
      .optional()
      .describe('How much a task may take.'),
    trigger: value(name(/^\/[\w-]+$/), 'a slash and a word, as /agent', 'What a command begins with.'),
    labels: z
      .strictObject({
        todo: value(label, 'the name of a label', 'Set on an issue, it asks for the issue to be done.'),
        doing: value(label, 'the name of a label', 'Set while the work goes on.'),
        done: value(label, 'the name of a label', 'Set when it is done.'),
        failed: value(label, 'the name of a label', 'Set when it did not work.'),
      })
      .optional()
      .describe('Labels of issues.'),
    who: value(
      z.union([z.enum(['developer', 'maintainer', 'owner']), z.array(person).min(1).max(500)]),
      'developer, maintainer, owner, or a list of user names',
      'Who may ask: everybody from a role on, or of the developers only these people.',
    ),
    image: value(name(/^[\w.-]+$/), "a name from your Errand operator's list", 'The image that the agent works in.'),
    setup: value(
      name(/^(?![/~])(?!.*(?:^|\/)\.\.(?:\/|$))[^\n\\]+$/),
      'a path in the repository, as ci/agent-setup.sh',
      'The script that prepares the work, from the default branch; agent-setup.sh otherwise.',
    ),
    instructions: value(
      z.string().max(10_000),
      'a text of up to 10000 characters',
      'What every agent is told besides the request, and besides CLAUDE.md or AGENTS.md.',
    ),
    tools: value(
      z.array(name(/^[\w.-]+$/)).max(50),
      "a list of names from your Errand operator's list",
      'The tools (MCP servers) that the agent gets; an empty list is none.',
    ),
    merge_request: z
      .strictObject({
        draft: value(flag, YES_OR_NO, 'Whether it is opened as a draft.'),
        labels: value(z.array(label).max(50), 'a list of labels', 'Labels that it gets.'),
        reviewers: value(
          z.array(person).max(50),
          'a list of user names',
          'Who reviews it, besides the person who asked.',
        ),
        target_branch: value(
          name(/^[^-\s~^:?*[\\][^\s~^:?*[\\]*$/),
          'the name of a branch',
          'Where it goes, and where the work begins, if the request names no branch; the default branch otherwise.',
        ),
        squash: value(flag, YES_OR_NO, 'Whether its commits become one when it is merged.'),
        remove_source_branch: value(flag, YES_OR_NO, 'Whether its branch is removed when it is merged.'),
        auto_description: value(
          flag,
          YES_OR_NO,
          'Whether its description tells what was asked and done; otherwise it is .gitlab/merge_request_templates/Default.md.',
        ),
      })
      .optional()
      .describe('How merge requests are opened.'),
    pipeline_retries: value(
      z.int().min(0).max(10),
      'a whole number from 0 to 10',
      'How often a pipeline that fails on what the agent pushed is repaired without being asked.',
    ),
  })
  .describe('How Errand works in this project. It counts on the default branch.')

/** Every key, with a point before what stands in a group, and the groups: what an operator may lock. */
export const KEYS: readonly string[] = Object.entries(AgentFile.shape).flatMap(([key, schema]) => {
  const inner = schema.unwrap()
  return inner instanceof z.ZodObject ? [key, ...Object.keys(inner.shape).map((one) => `${key}.${one}`)] : [key]
})

/** Only what the file says; times in seconds. */
export type ProjectSettings = z.output<typeof AgentFile>

/** The JSON schema, for editors: draft 7 is what they know. */
export function agentFileJsonSchema(): Record<string, unknown> {
  return { title: '.gitlab/agent.yml', ...z.toJSONSchema(AgentFile, { io: 'input', target: 'draft-7' }) }
}
