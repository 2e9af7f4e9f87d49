/**
 * Counts what a worker's tasks came to and how long they took, and tells the
 * history of the store now and then: a task costs no call, an idle worker
 * no timer.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import type { Clock } from "../contracts/clock.ts";
import type { History, HistoryCounts } from "../contracts/history.ts";
import {
  bucketOf,
  COUNTS,
  PLACE,
  seriesOf,
  SPANS,
} from "../control/counted.ts";
import type { Service } from "../service/service.ts";
import type { Held } from "./in_flight.ts";
import type { Outcome } from "./outcome.ts";

const log = getLogger(["lovage", "worker"]);

/** It tells this long after the first task that it has not told of, in ms. */
const INTERVAL = 10_000;

/** A worker that stops waits for it no longer, in ms. */
const LAST_TRY = 1_000;

/** Where each outcome is counted. */
const PLACES: Readonly<Partial<Record<Outcome["kind"], number>>> = {
  success: PLACE.succeeded,
  failure: PLACE.failed,
  lost: PLACE.failed,
  reject: PLACE.failed,
  retry: PLACE.retried,
  revoked: PLACE.revoked,
};

/** Counts for one worker. */
export class HistoryCounter implements Service {
  readonly name = "history counter";
  readonly #history: History;
  readonly #clock: Clock;
  // By minute, then by task and queue.
  #minutes = new Map<number, Map<string, Series>>();
  // Most tasks are like the one before.
  #last: Series | null = null;
  #cancelTimer: (() => void) | null = null;
  #telling: Promise<void> = Promise.resolve();
  #stopped = false;

  /** It counts nothing yet. */
  constructor(history: History, clock: Clock) {
    this.#history = history;
    this.#clock = clock;
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  /** Tells what it has not told yet. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTimer?.();
    const late = Promise.withResolvers<void>();
    const cancel = this.#clock.timer(LAST_TRY, late.resolve);
    // Nobody waits for a store that is away, for the sake of statistics.
    await Promise.race([this.#telling.then(() => this.#tell()), late.promise]);
    cancel();
  }

  /** Counts a task. */
  ended({ envelope, delivery }: Held, outcome: Outcome): void {
    const place = PLACES[outcome.kind];
    if (place === undefined) return;
    const { counts } = this.#seriesOf(
      Math.floor(outcome.endedAt / 60_000),
      envelope.task,
      delivery.queue,
    );
    counts[place] = (counts[place] ?? 0) + 1;
    const { startedAt, endedAt } = outcome;
    if (startedAt !== undefined) {
      const since = envelope.retriedAt ?? envelope.sentAt;
      const due = Math.max(since, delivery.eta ?? 0);
      add(counts, PLACE.waitSum, PLACE.wait, Math.max(0, startedAt - due));
      add(counts, PLACE.runSum, PLACE.run, Math.max(0, endedAt - startedAt));
    }
    this.#cancelTimer ??= this.#stopped ? null : this.#clock.timer(
      INTERVAL,
      () => {
        this.#cancelTimer = null;
        this.#telling = this.#tell();
      },
    );
  }

  #seriesOf(minute: number, task: string, queue: string): Series {
    const last = this.#last;
    if (
      last !== null && last.minute === minute && last.task === task &&
      last.queue === queue
    ) return last;
    let all = this.#minutes.get(minute);
    if (all === undefined) this.#minutes.set(minute, all = new Map());
    // A line cannot be in the name of a queue and a task alike by accident.
    const key = `${queue}\n${task}`;
    let series = all.get(key);
    if (series === undefined) {
      const counts = new Array<number>(COUNTS).fill(0);
      all.set(key, series = { minute, task, queue, counts });
    }
    return this.#last = series;
  }

  async #tell(): Promise<void> {
    if (this.#minutes.size === 0) return;
    const minutes = this.#minutes;
    this.#minutes = new Map();
    this.#last = null;
    const now = this.#clock.now();
    const batch: HistoryCounts[] = [];
    for (const [minute, all] of minutes) {
      for (const { task, queue, counts } of all.values()) {
        const series = seriesOf({ task, queue });
        for (const { step } of SPANS) {
          const at = step === 0 ? 0 : minute * 60_000 - minute * 60_000 % step;
          batch.push({ step, at, series, counts });
        }
      }
    }
    const drop = SPANS.filter(({ kept }) => kept !== Infinity)
      .map(({ step, kept }) => ({ step, before: now - kept }));
    try {
      await this.#history.add(batch, drop);
    } catch (error) {
      // That the store is away is told by those who need it more.
      log.debug("What was counted could not be told: {error}", {
        error: String(error),
      });
    }
  }
}

interface Series {
  readonly minute: number;
  readonly task: string;
  readonly queue: string;
  readonly counts: number[];
}

function add(counts: number[], sum: number, first: number, ms: number): void {
  const place = first + bucketOf(ms);
  counts[sum] = (counts[sum] ?? 0) + Math.round(ms);
  counts[place] = (counts[place] ?? 0) + 1;
}
