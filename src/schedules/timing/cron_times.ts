/**
 * When a pattern matches, found by croner.
 *
 * @module
 */

import { Cron } from "croner";
import { ScheduleError } from "../../errors.ts";
import { BoundedMap } from "./bounded_map.ts";
import type { Pattern } from "./pattern.ts";
import type { Occurrences } from "./schedule.ts";

/** A parsed pattern takes some 100 kB, so that only a few can be kept. */
const parsed = new BoundedMap<string, Cron>(200);

/** The times of a pattern in a time zone. */
export function cronTimes(pattern: Pattern, timezone: string): Occurrences {
  const key = `${patternKey(pattern)} ${timezone}`;
  const job = () => parsed.get(key, () => parse(pattern, timezone));
  return {
    next: (after) => job().nextRun(new Date(after))?.getTime() ?? null,
    previous: (before) =>
      job().previousRuns(1, new Date(before))[0]?.getTime() ?? null,
  };
}

/** What tells a pattern from others. */
export function patternKey({ text, bothDays, fixed }: Pattern): string {
  return `${text} ${bothDays ? "both" : "either"} ${fixed ? "fixed" : "wild"}`;
}

function parse({ text, bothDays, fixed }: Pattern, timezone: string): Cron {
  try {
    return new Cron(text, {
      paused: true,
      mode: "6-part",
      timezone,
      domAndDow: bothDays,
      fixedTimeRule: fixed ? "no-wildcard" : "single-value",
    });
  } catch (cause) {
    throw new ScheduleError(`Cannot evaluate the pattern "${text}"`, { cause });
  }
}
