/**
 * The script that publishes messages of the usual kind.
 *
 * @module
 */

import { LEVEL_STEP, NOTED_FIRST, WAKE } from "./lib.ts";
import { Script } from "./script.ts";

/** The most messages of one {@linkcode PUBLISH_FRESH}. */
export const MOST_FRESH = 1_000;

/**
 * Publishes without all that the usual case does not need: ready messages of
 * one queue and level, whose ids were made for them and ascend.
 * They share a number of arrival, so that the server has nothing to write
 * into the entries: those of one score lie in a queue by their ids.
 *
 * ARGV: slot, operation, queue, level, then id and entry of each.
 */
export const PUBLISH_FRESH = new Script(
  "publish fresh",
  [WAKE, NOTED_FIRST],
  `
local queue, n = ARGV[3], #ARGV
local score = ARGV[4] * ${LEVEL_STEP} + call('INCR', K .. 'seq') - 1
if n == 6 then
  call('HSET', K .. 'tasks', ARGV[5], ARGV[6])
  call('ZADD', K .. 'queue:' .. queue, score, ARGV[5])
else
  local places, text, k = {}, string.format('%.0f', score), 1
  for i = 5, n, 2 do
    places[k], places[k + 1] = text, ARGV[i]
    k = k + 2
  end
  call('HSET', K .. 'tasks', unpack(ARGV, 5))
  call('ZADD', K .. 'queue:' .. queue, unpack(places))
end
call('SADD', K .. 'queues', queue)
wake(queue)
return ''
`,
  "local call, K = redis.call, KEYS[1]\n",
);
