/**
 * The scripts of paused queues.
 *
 * Who waits for a paused queue is noted in a place of its own, where nobody
 * looks for somebody to wake: what is published to it disturbs no one, and
 * costs no look at what is paused.
 *
 * @module
 */

import { Script } from "./script.ts";

/**
 * Part of a reservation: takes what is paused out of `queues`, if there may be
 * `some`, and moves `first`, where the turn begins, along.
 */
export const SET_ASIDE = `
local halted = {}
if some and call('EXISTS', K .. 'paused') == 1 then
  local flags, open, turn = many('SMISMEMBER', K .. 'paused', queues), {}, 0
  for i, queue in ipairs(queues) do
    local list = flags[i] == 1 and halted or open
    list[#list + 1] = queue
    if i == first then turn = #open end
  end
  queues, first = open, turn
end
`;

/** ARGV: slot, operation, 1 to pause or 0 to resume, queues. */
export const PAUSE = new Script(
  "pause",
  [],
  `
return once(ARGV[1], ARGV[2], function()
  local pauses = ARGV[3] == '1'
  local function move(from, to)
    call('ZUNIONSTORE', to, 2, to, from, 'AGGREGATE', 'MAX')
    call('DEL', from)
  end
  for i = 4, #ARGV do
    local queue = ARGV[i]
    local idle, halted = K .. 'idle:' .. queue, K .. 'halted:' .. queue
    if pauses then
      if call('SADD', K .. 'paused', queue) == 1 then move(idle, halted) end
    elseif call('SREM', K .. 'paused', queue) == 1 then
      move(halted, idle)
      wake(queue)
    end
  end
  return ''
end)
`,
);
