/** What the page needs besides tasks: projects, numbers, who one is. */

import { z } from 'zod'
import type { ApiNeeds } from './apiNeeds.ts'
import { json, openRoute, type Reply, type Route, route } from './route.ts'
import { branchesSchema, meSchema, numbersSchema, projectSchema, projectsSchema } from './viewSchema.ts'

const params = z.object({ id: z.coerce.number().int().positive().meta({ description: "The project's id." }) })
const searchSchema = z.object({ search: z.string().max(200).default('') })
const NO_PROJECT: Reply = { problem: 404, detail: 'There is no such project, or it is not for you.' }
const GONE = { about: 'There is none, or it is not for you.' }

export function projectRoutes(needs: ApiNeeds): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/api/projects',
      summary: 'Projects in which you may ask',
      cost: { of: 'read', points: 1 },
      takes: { query: searchSchema },
      answers: { 200: json('Some of them.', projectsSchema), 400: { about: 'The query is not as it should be.' } },
      handle: async ({ caller, query }) => ({
        status: 200,
        body: { projects: await needs.projects(caller.person, query.search) },
      }),
    }),
    route({
      method: 'get',
      path: '/api/projects/{id}',
      summary: 'How work is done in a project',
      cost: { of: 'read', points: 1 },
      takes: { params },
      answers: { 200: json('What may be chosen there.', projectSchema), 404: GONE },
      async handle({ caller, params: { id } }) {
        const project = await needs.project(caller.person, id)
        return project === undefined ? NO_PROJECT : { status: 200, body: project }
      },
    }),
    route({
      method: 'get',
      path: '/api/projects/{id}/branches',
      summary: 'Branches of a project',
      cost: { of: 'read', points: 1 },
      takes: { params, query: searchSchema },
      answers: {
        200: json('Some of them.', branchesSchema),
        400: { about: 'The query is not as it should be.' },
        404: GONE,
      },
      async handle({ caller, params: { id }, query }) {
        const branches = await needs.branches(caller.person, id, query.search)
        return branches === undefined ? NO_PROJECT : { status: 200, body: { branches } }
      },
    }),
    route({
      method: 'get',
      path: '/api/numbers',
      summary: 'What became of the tasks of the last days',
      cost: { of: 'read', points: 5 },
      takes: {
        query: z.object({
          days: z.coerce.number().int().min(1).max(366).default(30),
          project: z
            .string()
            .max(500)
            .optional()
            .meta({ description: "A project's path or id; all that you see otherwise." }),
        }),
      },
      answers: {
        200: json('Sums of all, by day and by project.', numbersSchema),
        400: { about: 'The query is not as it should be.' },
      },
      async handle({ caller, query: { days, project } }) {
        const wanted = project?.toLowerCase()
        const body = await needs.numbers(
          days,
          async ({ id, path }) =>
            (wanted === undefined || wanted === path.toLowerCase() || wanted === String(id)) &&
            (await needs.maySee(caller.person, id)),
        )
        return { status: 200, body }
      },
    }),
    openRoute({
      method: 'get',
      path: '/api/me',
      summary: 'Who you are here',
      cost: { of: 'read', points: 1 },
      answers: { 200: json('You, and how one logs in.', meSchema) },
      handle: async (caller) => ({ status: 200, body: { user: caller?.person ?? null, ...needs.me } }),
    }),
  ]
}
