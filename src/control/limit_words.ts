/**
 * Limits as people read them.
 *
 * @module
 */

import type { Limit } from "../contracts/limits.ts";
import type { TaskLimits } from "../task_limits.ts";
import { line, span } from "../words.ts";

/** `100 within 1s`, `3 at a time`. */
export function amount(
  limit: Pick<Limit, "kind" | "most"> & {
    readonly per?: number;
  },
): string {
  return limit.kind === "rate"
    ? `${limit.most} within ${span(limit.per ?? 0)}`
    : `${limit.most} at a time`;
}

/** What a limit counts: `task "a"`, `key "7" of task "a"`, `queue "b"`. */
export function counted(key: string): string {
  const [, kind = "", name = "", ofTask] =
    /^(task|key|queue|last):([^\n]*)(?:\n([^]*))?$/.exec(key) ?? [];
  if (kind === "last") {
    return `those of task "${name}" that are alike (unique, keepLast)`;
  }
  if (kind === "") return `key ${JSON.stringify(line(key))}`;
  return ofTask === undefined
    ? `${kind} ${JSON.stringify(line(name))}`
    : `key ${JSON.stringify(line(ofTask))} of task "${name}"`;
}

/** The limits of a task in a few words each, by the names of their options. */
export function limitWords(
  limits: TaskLimits | null,
): Readonly<Record<string, string>> {
  const { rate, concurrency, unique } = limits ?? {};
  const by = (key: unknown) =>
    key === null
      ? ""
      : typeof key === "string"
      ? ` for key ${JSON.stringify(key)}`
      : " for each key";
  return {
    ...(rate
      ? { rateLimit: `${amount({ kind: "rate", ...rate })}${by(rate.key)}` }
      : {}),
    ...(concurrency
      ? { concurrency: `${concurrency.most}${by(concurrency.key)}` }
      : {}),
    ...(unique ? { unique: unique.onConflict } : {}),
  };
}
