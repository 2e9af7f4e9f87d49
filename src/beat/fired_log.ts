/**
 * What is logged of entries that were due.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import type { Fired } from "./firer.ts";
import type { Plan } from "./firing.ts";

const log = getLogger(["lovage", "beat"]);

/** So many sent tasks are told one by one. */
const MOST_TOLD = 10;

/** Says what was sent, and what was not and why. */
export function tellFired(all: readonly Fired[]): void {
  const ids: string[] = [];
  for (const one of all) {
    if (one.kind === "failed") {
      log.error("{name} was not sent: {error}. Trying again in a minute", {
        name: one.item.record.name,
        error: String(one.error),
      });
    }
    if (one.kind !== "fired") continue;
    const { messages, name } = one.firing;
    ids.push(...messages.map(({ id }) => id));
    const why = messages.length > 0 ? null : whyNot(one.plan);
    if (why === null) continue;
    log.warn("{name} was left out this time: {why}", { name, why });
  }
  if (ids.length === 0) return;
  if (ids.length <= MOST_TOLD) {
    for (const id of ids) log.info("Sent {id}", { id });
  } else log.info("Sent {count} tasks", { count: ids.length, ids });
}

/** Why nothing was sent; `null` if there was nothing to be sent. */
function whyNot({ sent, skipped, missed }: Plan): string | null {
  if (sent.length > 0) return "the middleware has dropped it";
  if (skipped > 0) return "the task of the time before is not over";
  return missed > 0 ? "its time is over" : null;
}
