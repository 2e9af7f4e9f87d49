/**
 * One task over many arguments: within one task (`map`, `starmap`), or in
 * pieces side by side (`chunks`).
 *
 * @module
 */

import { ConfigError } from "../errors.ts";
import type { GroupResult } from "../producer/group_result.ts";
import { senderOf, Signature } from "../producer/signature.ts";
import type { AnyTask, Task } from "../task.ts";
import { type Group, group } from "./group.ts";
import { MAP, STARMAP } from "./builtins.ts";
import type { ItemOf } from "./types.ts";

/** One task that calls another for each item, one after the other. */
export function map<Args extends readonly unknown[], R>(
  task: Task<Args, R>,
  items: readonly ItemOf<Args>[],
): Signature<[], R[]> {
  return over<R[]>(MAP, task, items);
}

/** One task that calls another for each list of arguments, one by one. */
export function starmap<Args extends readonly unknown[], R>(
  task: Task<Args, R>,
  items: readonly Readonly<Args>[],
): Signature<[], R[]> {
  return over<R[]>(STARMAP, task, items);
}

/**
 * A group of tasks, each of which does a piece of the work: for tasks so
 * small that sending each by itself would cost more than running it.
 *
 * @param size how many items a piece has; the last may have fewer
 */
export function chunks<Args extends readonly unknown[], R>(
  task: Task<Args, R>,
  items: readonly Readonly<Args>[],
  size: number,
): Group<[], R[][], GroupResult<R[][]>> {
  if (!Number.isInteger(size) || size < 1) {
    throw new ConfigError(
      `The size of chunks must be a whole number from 1, but it is ${size}`,
    );
  }
  const pieces: Signature<[], R[]>[] = [];
  for (let from = 0; from < items.length; from += size) {
    pieces.push(starmap(task, items.slice(from, from + size)));
  }
  return group(pieces);
}

function over<R>(
  name: string,
  task: AnyTask,
  items: readonly unknown[],
): Signature<[], R> {
  const { queue, priority } = task.options;
  return new Signature<[], R>(
    senderOf(task.s()),
    name,
    [task.name, items],
    { queue, priority },
    // All that it takes is there.
    true,
  );
}
