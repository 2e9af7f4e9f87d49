/**
 * The part of a reservation that finds nothing.
 *
 * @module
 */

/**
 * So far below the time are stores noted among the idle that take nothing
 * that has limits.
 */
const LOW = 2 ** 45;

/** Notes who waits, if somebody does, and answers with the next eta. */
export const NOTE_WAITER = `
  local due = ''
  local function note(key)
    if waiter == '' then return end
    -- Who waits says so every few seconds; who does not any more is gone.
    local oldest = tonumber(now) - 600000
    if ARGV[9] == '0' then
      call('ZADD', key, 'GT', now - ${LOW}, waiter)
      call('ZREMRANGEBYSCORE', key, '-inf', oldest - ${LOW})
    else
      call('ZADD', key, now, waiter)
      call('ZREMRANGEBYSCORE', key, 0, oldest)
    end
    -- Of a queue that nobody asks for again, nothing stays.
    call('PEXPIRE', key, 600000)
  end
  for _, queue in ipairs(queues) do
    local other = limited and limited.next_due(queue)
    if other and (due == '' or other < tonumber(due)) then due = int(other) end
    if limited and limited.leaves(queue) then wake(queue, true) end
    local score = call('ZRANGE', K .. 'schedule:' .. queue, 0, 0, 'WITHSCORES')[2]
    if score and (due == '' or tonumber(score) < tonumber(due)) then due = score end
    note(K .. 'idle:' .. queue)
  end
  for _, queue in ipairs(halted) do note(K .. 'halted:' .. queue) end
  return { due }
`;
