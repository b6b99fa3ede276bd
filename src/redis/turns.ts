/** Whose turn it is: limits on running tasks per project, per person and in all, fair between projects, by one atomic script. */

import type { Redis } from 'ioredis'
import type { Task } from '../tasks/task.ts'
import type { TaskId } from '../tasks/taskId.ts'

/** How many tasks may run at the same time. */
export type Limits = { readonly all: number; readonly project: number; readonly person: number }

/** `place` 0: it may run. Otherwise its place in the line, and the limit that it waits for. */
export type Turn = { readonly place: number; readonly limit: keyof Limits }

/**
 * KEYS: waiting (sorted by when it was asked), running, who (id → `project|person`). ARGV: id, project, person, asked at, limits,
 * 1 to take the place, 0 to ask for it, 2 to look on.
 *
 * A free place goes to the project with the fewest running tasks, among equals to the oldest task: a project's flood waits
 * behind another's single task. Asking is what puts a task into the line, so that an emptied Redis fills by itself.
 */
const TURN = `
local id, project, person = ARGV[1], ARGV[2], ARGV[3]
local all, perProject, perPerson = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
if redis.call('zscore', KEYS[2], id) then return {0, 'all'} end
if ARGV[8] == '2' then
  -- Whoever only looks puts nobody into the line: it may have left it for good.
  if not redis.call('zscore', KEYS[1], id) then return {0, 'all'} end
else
  redis.call('zadd', KEYS[1], 'NX', ARGV[4], id)
  redis.call('hset', KEYS[3], id, project .. '|' .. person)
end
local projects, people = {}, {}
local function count(of, by) of[by] = (of[by] or 0) + 1 end
local function read(key)
  local ids, found = redis.call('zrange', key, 0, -1), {}
  -- Lua's stack holds some thousand values, so they are asked for by the thousand.
  for first = 1, #ids, 1000 do
    local some = {unpack(ids, first, math.min(first + 999, #ids))}
    for i, who in ipairs(redis.call('hmget', KEYS[3], unpack(some))) do
      local p, h = string.match(who or '|', '^(.*)|(.*)$')
      found[#found + 1] = {id = some[i], project = p, person = h}
    end
  end
  return found
end
local running = read(KEYS[2])
for _, task in ipairs(running) do count(projects, task.project) count(people, task.person) end
local waiting = read(KEYS[1])
local function may(task)
  return (projects[task.project] or 0) < perProject and (people[task.person] or 0) < perPerson
end
local before = {}
for free = 1, all - #running do
  local best
  for i, task in ipairs(waiting) do
    local load = projects[task.project] or 0
    if not task.taken and may(task) and (best == nil or load < best.load) then best = {task = task, load = load} end
    if best and best.load == 0 then break end
  end
  if best == nil then break end
  if best.task.id == id then
    if ARGV[8] == '1' then
      redis.call('zrem', KEYS[1], id)
      redis.call('zadd', KEYS[2], ARGV[4], id)
    end
    return {0, 'all'}
  end
  best.task.taken = true
  count(projects, best.task.project)
  count(people, best.task.person)
end
local limit = 'all'
if (projects[project] or 0) >= perProject then limit = 'project'
elseif (people[person] or 0) >= perPerson then limit = 'person' end
local place, load, earlier = 1, projects[project] or 0, true
for _, task in ipairs(waiting) do
  local theirs = projects[task.project] or 0
  if task.id == id then earlier = false
  elseif task.taken then
  elseif limit == 'project' then if earlier and task.project == project then place = place + 1 end
  elseif limit == 'person' then if earlier and task.person == person then place = place + 1 end
  elseif may(task) and (theirs < load or (theirs == load and earlier)) then place = place + 1 end
end
return {place, limit}`

export type Turns = ReturnType<typeof createTurns>

export function createTurns(redis: Redis, prefix: string, limits: Limits) {
  const [waiting, running, who] = [`${prefix}:waiting`, `${prefix}:running`, `${prefix}:who`]

  async function ask(task: Task, how: 0 | 1 | 2): Promise<Turn> {
    const about = [task.id, task.thread.projectId, task.asker.id, task.createdAt]
    const args = [...about, limits.all, limits.project, limits.person, how]
    const [place, limit] = (await redis.eval(TURN, 3, waiting, running, who, ...args)) as [number, Turn['limit']]
    return { place, limit }
  }

  return {
    turn: (task: Task): Promise<Turn> => ask(task, 0),
    /** The same for who shows it to people: who is not in the line has place 0, and does not come into it. */
    look: (task: Task): Promise<Turn> => ask(task, 2),
    /** Takes the place if it is this task's turn; repeated, it is its own still. */
    take: async (task: Task): Promise<boolean> => (await ask(task, 1)).place === 0,
    /** Of a task that runs already, whatever the limits: an emptied Redis has forgotten that it had its turn. */
    async hold(task: Task): Promise<void> {
      await redis
        .multi()
        .zadd(running, task.createdAt, task.id)
        .hset(who, task.id, `${task.thread.projectId}|${task.asker.id}`)
        .exec()
    },
    /** Gives the place back; those that waited the longest, as many as may have a chance now, come back to be woken. */
    async leave({ id }: Task): Promise<readonly TaskId[]> {
      await redis.multi().zrem(waiting, id).zrem(running, id).hdel(who, id).exec()
      return redis.zrange(waiting, '0', String(limits.all - 1))
    },
  }
}
