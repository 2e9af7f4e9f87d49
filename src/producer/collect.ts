/**
 * The ends of many tasks, in order: of a group's members, or of a task and
 * all that it led to.
 *
 * @module
 */

import type { ResultRecord } from "../contracts/result_backend.ts";
import { TimeoutError } from "../errors.ts";
import { decodeMeta } from "../message/result_meta.ts";
import { parseDuration } from "../message/time.ts";
import { AsyncResult } from "./async_result.ts";
import { type GetOptions, sharedTimeout } from "./get_options.ts";
import { valueOf } from "./result_value.ts";

/** How many records one call fetches. */
const PAGE = 1_000;

/** A task that has ended. */
type Ended = readonly [result: AsyncResult<unknown>, record: ResultRecord];

/**
 * The records of tasks in the order of the list, each once its task has
 * ended. Those that have ended already are fetched together; only for the
 * first one that has not is waited.
 *
 * @param results may grow while it is gone through
 * @param call what was called, for errors
 * @throws {TimeoutError} when the time is over before all have ended
 */
export async function* endedInOrder(
  results: readonly AsyncResult<unknown>[],
  call: string,
  options: GetOptions,
): AsyncGenerator<Ended> {
  const left = sharedTimeout(call, options);
  let look = PAGE;
  for (let at = 0; at < results.length;) {
    options.signal?.throwIfAborted();
    const page = results.slice(at, at + look);
    const ahead = await endedAhead(page);
    yield* ahead;
    at += ahead.length;
    if (ahead.length === page.length) {
      look = Math.min(look * 2, PAGE);
      continue;
    }
    const next = results[at] as AsyncResult<unknown>;
    yield [next, await inTime(next, at, left(), options)];
    at++;
    // A page for each task that ends would be a thousand times the work.
    look = 1;
  }
}

/** Those at the beginning of the list that have ended. */
async function endedAhead(
  results: readonly AsyncResult<unknown>[],
): Promise<readonly Ended[]> {
  const ended: Ended[] = [];
  for (const [at, record] of (await recordsOf(results)).entries()) {
    if (record?.ended !== true) break;
    ended.push([results[at] as AsyncResult<unknown>, record]);
  }
  return ended;
}

async function recordsOf(
  results: readonly AsyncResult<unknown>[],
): Promise<readonly (ResultRecord | undefined)[]> {
  try {
    return await AsyncResult.recordsOf(results);
  } catch {
    // An error of the store is not the end of the wait: waiting looks again.
    return [];
  }
}

async function inTime(
  result: AsyncResult<unknown>,
  at: number,
  left: GetOptions,
  { timeout }: GetOptions,
): Promise<ResultRecord> {
  try {
    return await AsyncResult.endOf(result, left);
  } catch (cause) {
    if (!(cause instanceof TimeoutError)) throw cause;
    const before = at === 0 ? "" : `, ${at} before it have`;
    throw new TimeoutError(
      `Task ${result.id} has not ended within ${
        parseDuration(timeout ?? 0, "timeout")
      } ms${before}; it goes on, and its result can still be fetched`,
      { cause },
    );
  }
}

/** A task and what came of it. */
export type Collected = readonly [
  result: AsyncResult<unknown>,
  value: unknown,
];

/**
 * Tasks and all that they led to, breadth first, each once it has ended.
 *
 * @throws the error of the first that failed; with `propagate: false` it is
 * the value instead
 * @throws {TimeoutError} when the time is over before all have ended
 */
export async function* collectAll(
  first: readonly AsyncResult<unknown>[],
  options: GetOptions,
): AsyncGenerator<Collected> {
  const results = [...first];
  const known = new Set(results.map(({ id }) => id));
  for await (
    const [result, record] of endedInOrder(results, "collect()", options)
  ) {
    for (const id of decodeMeta(record.meta).children ?? []) {
      if (known.has(id)) continue;
      known.add(id);
      results.push(AsyncResult.childOf(result, id));
    }
    yield [result, valueOf(record, options)];
  }
}
