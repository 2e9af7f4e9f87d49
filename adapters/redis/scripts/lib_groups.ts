/**
 * Functions of the scripts that begin groups and count them down.
 *
 * What changes with every count is a small field of its own: the body of a
 * large group may be long, and is written and read once.
 *
 * @module
 */

/** Beginning and forgetting groups. */
export const GROUPS = `
-- Begins the group that lies in ARGV as id, size, when it expires or "", and
-- body; one that is known stays as it is.
local function open_group(at)
  local id, expiry = ARGV[at], ARGV[at + 2]
  if call('HSETNX', K .. 'groups', id, ARGV[at + 1]) == 0 then return end
  call('HSET', K .. 'group-bodies', id, ARGV[at + 3])
  if expiry ~= '' then call('ZADD', K .. 'group-expiry', expiry, id) end
end

-- How many members have not ended; nil if the group is not known.
local function left_of(id)
  return tonumber(call('HGET', K .. 'groups', id) or '')
end

-- Forgets a group, and returns its body.
local function drop_group(id)
  local body = call('HGET', K .. 'group-bodies', id)
  call('HDEL', K .. 'groups', id)
  call('HDEL', K .. 'group-bodies', id)
  call('ZREM', K .. 'group-expiry', id)
  call('DEL', K .. 'group-ended:' .. id)
  return body
end
`;

/** What settlements do to groups. */
export const SETTLE_GROUPS = `
-- Publishes a body. What is no body, put in by hand, is left out.
local function publish_body(text, now, woken)
  local id, entry = string.match(text or '', '^([^\\n]*)\\n(\\n.*)$')
  local _, _, _, queue, priority, eta, conditions = parse(entry or '')
  if not queue then return end
  local special = conditions ~= ''
  publish({ {
    queue = special and now or queue, level = level_of(priority), special = special,
    scheduled = (tonumber(eta) or 0) > tonumber(now),
    ids = { id }, packs = { string.sub(entry, 2) }, etas = { special and '' or eta },
  } }, 1, woken)
end

-- Begins the groups of a step and counts its ends. In ARGV lie: how many
-- plans, of each whose it is and the plan; how many counts, of each the group,
-- 1 if these members failed, and runs of those whose ends they are: how many
-- runs, first and length of each. Only what is in keep is done, if given.
local function settle_groups(at, keep, now, woken)
  local plans = tonumber(ARGV[at])
  at = at + 1
  for _ = 1, plans do
    if not keep or keep[ARGV[at]] then open_group(at + 1) end
    at = at + 5
  end
  local counts = tonumber(ARGV[at])
  at = at + 1
  for _ = 1, counts do
    local id, failed, runs, ended = ARGV[at], ARGV[at + 1] == '1', tonumber(ARGV[at + 2]), 0
    at = at + 3
    for _ = 1, runs do
      local first, length = tonumber(ARGV[at]), tonumber(ARGV[at + 1])
      at = at + 2
      if keep then
        for i = first, first + length - 1 do
          if keep[int(i)] then ended = ended + 1 end
        end
      else
        ended = ended + length
      end
    end
    local left = ended > 0 and left_of(id)
    if left then
      left = left - ended
      if failed or left <= 0 then
        publish_body(drop_group(id), now, woken)
      else
        call('HSET', K .. 'groups', id, int(left))
      end
    end
  end
  return at
end
`;
