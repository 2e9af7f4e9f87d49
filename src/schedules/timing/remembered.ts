/**
 * Spares equal schedules the work that one of them has done. Many entries
 * share a schedule and are asked at about the same time; what lies between a
 * time that was asked for and its answer has the same answer.
 *
 * @module
 */

import { BoundedMap } from "./bounded_map.ts";
import type { Occurrences } from "./schedule.ts";

const shared = new BoundedMap<string, Occurrences>(10_000);

/** The times that a key stands for, whose last answers are remembered. */
export function remembered(key: string, make: () => Occurrences): Occurrences {
  return shared.get(key, () => rememberLast(make()));
}

/** Times are looked for in the years 1 to 3000. */
const [EARLIEST, LATEST] = [-62_135_596_800_000, 32_503_680_000_000];

interface Answer {
  readonly asked: number;
  readonly found: number | null;
}

/** Remembers the last answer each way. */
export function rememberLast(times: Occurrences): Occurrences {
  let next: Answer = { asked: Infinity, found: null };
  let previous: Answer = { asked: -Infinity, found: null };
  return {
    next(asked) {
      const after = clamp(asked);
      if (after < next.asked || after >= (next.found ?? Infinity)) {
        next = { asked: after, found: times.next(after) };
      }
      return next.found;
    },
    previous(asked) {
      const before = clamp(asked);
      if (before > previous.asked || before <= (previous.found ?? -Infinity)) {
        previous = { asked: before, found: times.previous(before) };
      }
      return previous.found;
    },
  };
}

function clamp(time: number): number {
  return Math.min(Math.max(time, EARLIEST), LATEST);
}
