/** The API's own description: OpenAPI 3.1, made of the routes and the schemas that check each request. */

import { createDocument, type ZodOpenApiObject, type ZodOpenApiOperationObject } from 'zod-openapi'
import { PROBLEM, problemSchema } from './problem.ts'
import type { Answer, Route } from './route.ts'

export type Description = ReturnType<typeof createDocument>

const DESCRIPTION = `Tasks of Errand, the GitLab bot: ask for some, look at them, stop them, as with comments in GitLab.

Programs send a personal, project or group access token of GitLab, as \`PRIVATE-TOKEN: <token>\` or \`Authorization: Bearer <token>\`; to read it needs the scope
\`read_api\`, to ask and stop the scope \`api\`. Everybody sees and may do here what they see and may do in GitLab. Browsers come with a cookie; then whatever
changes something has to come from Errand's own page.

Whatever goes wrong is told as \`application/problem+json\`, with words for people in \`detail\`.`

/** What every route can answer, besides its own. */
const COMMON: Readonly<Record<number, Answer>> = {
  401: { about: 'Nobody is logged in, or the token is not valid.' },
  403: { about: 'It is not allowed; `detail` says why.' },
  429: {
    about: 'Too much within a minute, or too many streams at once.',
    headers: { 'Retry-After': 'Seconds until there is more.' },
  },
  500: { about: 'A mistake of Errand; its log tells more.' },
  503: { about: 'Redis or GitLab is away.', headers: { 'Retry-After': 'Seconds until it is worth a try.' } },
}

export function describeApi(routes: readonly Route[], ownUrl: string): Description {
  const paths: NonNullable<ZodOpenApiObject['paths']> = {}
  for (const route of routes) paths[route.path] = { ...paths[route.path], [route.method]: operation(route) }
  return createDocument({
    openapi: '3.1.0',
    info: { title: 'Errand', version: '1', description: DESCRIPTION },
    servers: [{ url: ownUrl }],
    security: [{ token: [] }, { bearer: [] }, { session: [] }],
    paths,
    components: {
      schemas: { Problem: problemSchema },
      securitySchemes: {
        token: { type: 'apiKey', in: 'header', name: 'PRIVATE-TOKEN', description: 'A GitLab access token.' },
        bearer: { type: 'http', scheme: 'bearer', description: 'A GitLab access token.' },
        session: { type: 'apiKey', in: 'cookie', name: '__Host-errand', description: 'Who logged in on the page.' },
      },
    },
  })
}

function operation(route: Route): ZodOpenApiOperationObject {
  const { params, query, headers, body } = route.takes
  const answers = { ...COMMON, ...route.answers }
  return {
    summary: route.summary,
    ...(route.open === true ? { security: [{}, { token: [] }, { bearer: [] }, { session: [] }] } : {}),
    requestParams: {
      ...(params === undefined ? {} : { path: params }),
      ...(query === undefined ? {} : { query }),
      ...(headers === undefined ? {} : { header: headers }),
    },
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: body } } } }),
    responses: Object.fromEntries(
      Object.entries(answers).map(([status, { about, content, headers: told = {} }]) => [
        status,
        {
          description: about,
          headers: Object.fromEntries(
            Object.entries(told).map(([name, description]) => [
              name,
              { description, schema: { type: 'string' as const } },
            ]),
          ),
          content: Object.fromEntries(
            Object.entries(content ?? { [PROBLEM]: problemSchema }).map(([type, schema]) => [type, { schema }]),
          ),
        },
      ]),
    ),
  }
}
