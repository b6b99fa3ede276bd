/** What store.ts does in one step, whoever else writes at the same time. */

/** Milliseconds by Redis' own clock: several processes write. */
const NOW = `
local time = redis.call('time')
local now = time[1] * 1000 + math.floor(time[2] / 1000)`

/**
 * KEYS: entry, unfinished, its branch, its list, changes, count, the branch's last, remarked, changed, projects, asked, and the places where it
 * is found again. ARGV: json, id, when it was made, kind, project, seconds for `asked:`.
 */
export const CREATE = `
if redis.call('exists', KEYS[1]) == 1 then return 0 end
redis.call('hset', KEYS[1], 'json', ARGV[1], 'version', 1)
redis.call('zadd', KEYS[2], ARGV[3], ARGV[2])
redis.call('zadd', KEYS[4], ARGV[3], ARGV[2])
for i = 12, #KEYS do redis.call('zadd', KEYS[i], ARGV[3], ARGV[2]) end
if ARGV[4] == 'task' then
  -- Counted here, and not by anybody's clock: nobody comes in before one who has begun.
  redis.call('zadd', KEYS[3], redis.call('incr', KEYS[6]), ARGV[2])
  redis.call('set', KEYS[7], ARGV[2])
  ${NOW}
  redis.call('zadd', KEYS[9], now, ARGV[2])
  redis.call('sadd', KEYS[10], ARGV[5])
  if ARGV[6] ~= '' then redis.call('set', KEYS[11], ARGV[2], 'EX', ARGV[6]) end
elseif ARGV[4] == 'remark' then
  redis.call('set', KEYS[8], ARGV[3], 'EX', 3600)
end
redis.call('publish', KEYS[5], ARGV[2])
return 1`

/**
 * KEYS: entry, unfinished, its branch, changes, the place of its merge request, changed. ARGV: version, json, id, whether it is finished,
 * whether it leaves its branch, when it was made if it has a merge request, kind.
 */
export const UPDATE = `
if redis.call('hget', KEYS[1], 'version') ~= ARGV[1] then return 0 end
redis.call('hset', KEYS[1], 'json', ARGV[2], 'version', ARGV[1] + 1)
if ARGV[4] == '1' then redis.call('zrem', KEYS[2], ARGV[3]) end
if ARGV[5] == '1' then redis.call('zrem', KEYS[3], ARGV[3]) end
if ARGV[6] ~= '' then redis.call('zadd', KEYS[5], ARGV[6], ARGV[3]) end
if ARGV[7] == 'task' then
  ${NOW}
  redis.call('zadd', KEYS[6], now, ARGV[3])
end
redis.call('publish', KEYS[4], ARGV[3])
return 1`

/** KEYS: doing, changed, changes, woken. ARGV: id, text, seconds for it, seconds between looks. */
export const SAY_DOING = `
redis.call('set', KEYS[1], ARGV[2], 'EX', ARGV[3])
${NOW}
redis.call('zadd', KEYS[2], 'XX', now, ARGV[1])
redis.call('publish', KEYS[3], ARGV[1])
return redis.call('set', KEYS[4], '1', 'EX', ARGV[4], 'NX') and 1 or 0`
