/**
 * One queue: what is ready, what is scheduled, and counters.
 *
 * @module
 */

import type { Entry } from "./entry.ts";
import { Heap } from "./heap.ts";
import type { Line } from "./lines.ts";
import { Ready } from "./ready.ts";

/** The messages of a queue that wait. */
export class Queue {
  /** Messages that are ready, also those that limits hold back. */
  queued = 0;
  /** Messages whose time has not come. */
  scheduled = 0;
  /** Messages under lease. */
  running = 0;
  /** The messages whose time has not come, by their etas. */
  readonly schedule = new Heap<Entry>((entry, _eta, seq) =>
    entry.live && entry.status === "scheduled" && entry.seq === seq
  );
  /** Those that are ready and have no limits. */
  readonly plain = new Ready();
  /** The others, by the limits that they have in common. */
  readonly lines = new Map<string, Line>();
  /** The lines that may have room, by their first messages. */
  readonly open = new Heap<Line>((line, _priority, seq) =>
    line.blockedBy === null && line.ready.first?.seq === seq
  );
}
