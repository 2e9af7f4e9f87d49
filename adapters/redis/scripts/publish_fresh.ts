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
 * ARGV: slot, operation, queue, level, the number of the bundle that they make
 * or 0, then id and entry of each.
 */
export const PUBLISH_FRESH = new Script(
  "publish fresh",
  [WAKE, NOTED_FIRST],
  `
local queue, bundle, n = ARGV[3], ARGV[5], #ARGV
local score = ARGV[4] * ${LEVEL_STEP} + call('INCR', K .. 'seq') - 1
call('HSET', K .. 'tasks', unpack(ARGV, 6))
if n == 7 then
  call('ZADD', K .. 'queue:' .. queue, score, ARGV[6])
elseif bundle == '0' then
  local places, text, k = {}, string.format('%.0f', score), 1
  for i = 6, n, 2 do
    places[k], places[k + 1] = text, ARGV[i]
    k = k + 2
  end
  call('ZADD', K .. 'queue:' .. queue, unpack(places))
else
  local ids, k = {}, 0
  for i = 6, n, 2 do
    k = k + 1
    ids[k] = ARGV[i]
  end
  call('RPUSH', K .. 'bundle:' .. bundle .. ':' .. queue, unpack(ids))
  call('ZADD', K .. 'queue:' .. queue, score, '\\n' .. bundle)
  call('HINCRBY', K .. 'bundled', queue, k - 1)
end
call('SADD', K .. 'queues', queue)
wake(queue)
return ''
`,
  "local call, K = redis.call, KEYS[1]\n",
);
