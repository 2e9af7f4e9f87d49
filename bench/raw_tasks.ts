/**
 * Tasks and results as a store gets them, for what is loaded or measured
 * without an app.
 *
 * @module
 */

import type { Message, ResultRecord } from "../src/contracts/mod.ts";

/**
 * Messages as long as those of the task that is measured.
 *
 * @param sentAt when they were sent (epoch ms), which their ids say
 */
export function messages(
  count: number,
  eta: (n: number) => number | null = () => null,
  sentAt: (n: number) => number = () => Date.now(),
): Message[] {
  return Array.from({ length: count }, (_, n) => {
    const id = newId(sentAt(n));
    return {
      ...{ id, task: "bench.noop", queue: "default", priority: 4 },
      ...{ eta: eta(n), body: bodyOf(id) },
    };
  });
}

/** The result of a task, for so long (ms). */
export function resultOf(
  { id, task }: { readonly id: string; readonly task: string },
  lifetime: number,
): ResultRecord {
  const now = Date.now();
  return {
    ...{ id, state: "SUCCESS", ended: true, task, worker: "w@host" },
    ...{ updatedAt: now, expiresAt: now + lifetime },
    ...{ value: "1", error: null, meta: META },
  };
}

/** An id that rises with time, as the producer's do. */
function newId(ms: number): string {
  const time = Math.floor(ms).toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${
    crypto.randomUUID().slice(15)
  }`;
}

function bodyOf(id: string): string {
  return JSON.stringify({
    ...{ v: 1, id, task: "bench.noop", retries: 0, rootId: id },
    args: [{ n: 1, pad: "x".repeat(80) }],
    ...{ sentAt: Date.now(), queue: "default", priority: 4 },
  });
}

const META = JSON.stringify({
  times: { PENDING: 1, RECEIVED: 2, STARTED: 3, SUCCESS: 4 },
  retries: 0,
});
