/**
 * The part of a reservation that makes ready what is due.
 *
 * @module
 */

/** The most messages of a queue that one call makes ready. */
const PROMOTE_LIMIT = 1_000;

/**
 * What is due arrives now, by its eta. Needs `READY`; sets `some` if there
 * are lines now.
 */
export const ARRIVE = `
for _, queue in ipairs(queues) do
  local key = K .. 'schedule:' .. queue
  local due = call('ZRANGE', key, '-inf', now, 'BYSCORE', 'LIMIT', 0, ${PROMOTE_LIMIT})
  if #due > 0 then
    local ids = {}
    for i = 1, #due do ids[i] = string.sub(due[i], 17) end
    local entries = many('HMGET', TASKS, ids)
    local base = call('INCRBY', K .. 'seq', #ids) - #ids
    local prefix, fields, places = int(base) .. '\\n', {}, {}
    for i = 1, #ids do
      local entry = entries[i]
      if entry then
        local rest = string.match(entry, '^%d+\\n%d+(\\n.*)$')
        local priority, conditions
        if rest then
          local eta, _
          _, _, _, _, priority, eta, conditions = parse(entry)
          fields[#fields + 1] = ids[i]
          fields[#fields + 1] = prefix .. (i - 1) .. rest
        end
        local score = level_of(priority) * LEVEL + base + i - 1
        if conditions and conditions ~= '' then
          make_ready(ids[i], queue, score, conditions, now, {})
          some = true
        else
          places[#places + 1] = score
          places[#places + 1] = ids[i]
        end
      end
    end
    many('ZREM', key, due)
    if #fields > 0 then many('HSET', TASKS, fields) end
    if #places > 0 then many('ZADD', K .. 'queue:' .. queue, places) end
  end
end
`;
