/**
 * What waits for its turn under a rate that all workers keep together.
 *
 * @module
 */

import type { LiveTask } from "../contracts/inspector.ts";
import type { Store } from "../contracts/store.ts";

const PAGE = 100;

/**
 * When something of a queue has its turn, if all that is ready waits for one
 * (epoch ms); `null` when something can run now, or waits for another to end.
 */
export async function nextTurn(
  store: Store,
  queue: string,
  now: number,
): Promise<number | null> {
  let next: number | null = null;
  let cursor: string | undefined;
  do {
    const page = await store.inspector.tasks({ status: "queued", queue }, {
      limit: PAGE,
      cursor,
    });
    for (const task of page.items) {
      const at = await turnOf(store, task);
      if (at === null || at <= now) return null;
      next = Math.min(next ?? Infinity, at);
    }
    cursor = page.cursor ?? undefined;
  } while (cursor !== undefined);
  return next;
}

async function turnOf(
  { inspector }: Store,
  { limits = [], cancelled }: LiveTask,
): Promise<number | null> {
  const rates = limits.filter(({ kind }) => kind === "rate");
  if (rates.length === 0 || cancelled) return null;
  const states = await inspector.limits(rates);
  return Math.max(...states.map(({ opensAt }) => opensAt ?? 0));
}
