/**
 * The picture of `lovage events`: workers, what runs, what has failed.
 *
 * @module
 */

import type {
  ClusterState,
  WatchedTask,
  WatchedWorker,
} from "../control/cluster_state.ts";
import type { MonitorEvent } from "../control/monitor_event.ts";
import { age, count, span } from "../words.ts";
import { Pace } from "./pace.ts";
import { table } from "./table.ts";

const ENDS: ReadonlySet<string> = new Set([
  "task-succeeded",
  "task-failed",
  "task-rejected",
  "task-revoked",
]);

/** So many failures are remembered. */
const MOST_FAILURES = 100;

interface Failure {
  readonly event: MonitorEvent;
  readonly at: number;
}

/** Draws what is known from events. */
export class EventsView {
  readonly #store: string;
  readonly #state: ClusterState;
  readonly #since: number;
  readonly #all: Pace;
  readonly #shed: Pace;
  readonly #paces = new Map<string, Pace>();
  /** Tasks that workers had no time to tell of, by worker. */
  readonly #untold = new Map<string, number>();
  #failures: Failure[] = [];
  #ended = 0;

  /**
   * @param store the address of the store that is watched
   * @param state filled by who reads the events
   * @param now epoch ms
   */
  constructor(store: string, state: ClusterState, now: number) {
    this.#store = store;
    this.#state = state;
    this.#since = now;
    this.#all = new Pace(now);
    this.#shed = new Pace(now);
  }

  /** Takes an event in that the state knows already. */
  take(event: MonitorEvent, now: number): void {
    if (event.type === "task-failed") {
      this.#failures = [{ event, at: now }, ...this.#failures]
        .slice(0, MOST_FAILURES);
    }
    const untold = this.#newlyUntold(event);
    if (untold > 0) this.#shed.add(now, untold);
    const ended = ENDS.has(event.type) ? 1 : untold;
    if (ended === 0) return;
    this.#ended += ended;
    this.#all.add(now, ended);
    const pace = this.#paces.get(event.hostname) ?? new Pace(this.#since);
    this.#paces.set(event.hostname, pace);
    pace.add(now, ended);
  }

  /** How many tasks a worker has ended, by what it says, and not told of. */
  #newlyUntold({ hostname, untold }: MonitorEvent): number {
    if (untold === undefined) return 0;
    const before = this.#untold.get(hostname) ?? untold;
    this.#untold.set(hostname, untold);
    // It may have been started anew.
    return Math.max(untold - before, 0);
  }

  /**
   * The lines of the picture.
   *
   * @param rows how many fit
   * @param dropped how many events were lost
   */
  lines(now: number, rows: number, dropped: number): readonly string[] {
    const workers = this.#state.workers(now);
    const alive = new Set(
      workers.filter((each) => each.alive).map(({ hostname }) => hostname),
    );
    const running = this.#state.tasks().filter(({ state, worker }) =>
      state === "STARTED" && alive.has(worker)
    );
    const head = [
      `Lovage events of ${this.#store} at ${new Date(now).toISOString()}`,
      [
        `${count(alive.size, "worker")} alive`,
        `${running.length} running`,
        `${this.#all.perSecond(now)} ended/s`,
        `${this.#ended} ended in ${span(now - this.#since)}`,
        ...(this.#shed.perSecond(now) === "0.0"
          ? []
          : ["too many to follow each"]),
        ...(dropped > 0 ? [`${dropped} events lost`] : []),
      ].join(", "),
      "",
      ...this.#workerLines(workers, now),
    ];
    // What is left is shared by the two lists and their headings.
    const room = Math.max(rows - head.length - 4, 2);
    const failed = Math.min(this.#failures.length, Math.ceil(room / 2));
    const ran = Math.min(running.length, room - failed);
    return [
      ...head,
      "",
      ...runningLines(running, ran, now),
      "",
      ...failureLines(this.#failures.slice(0, room - ran), now),
    ].slice(0, rows);
  }

  #workerLines(
    workers: readonly WatchedWorker[],
    now: number,
  ): readonly string[] {
    if (workers.length === 0) return ["No worker was heard of yet"];
    return table(
      ["WORKER", "STATE", "ACTIVE", "PROCESSED", "PER SECOND", "SEEN"],
      workers.map(({ hostname, alive, stopped, active, processed, seenAt }) => [
        hostname,
        alive ? "alive" : stopped ? "gone" : "silent",
        alive ? active : 0,
        processed,
        this.#paces.get(hostname)?.perSecond(now) ?? "0.0",
        age(seenAt, now),
      ]),
    ).split("\n");
  }
}

function runningLines(
  running: readonly WatchedTask[],
  most: number,
  now: number,
): readonly string[] {
  if (running.length === 0) return ["Nothing that began since runs"];
  // The state has the latest first; what runs longest is of most interest.
  const longest = running.toReversed().slice(0, most);
  return table(
    ["RUNNING", "ID", "WORKER", "FOR", "ARGUMENTS"],
    longest.map(({ name, uuid, worker, updatedAt, args }) => [
      oneLine(name),
      uuid,
      worker,
      span(now - updatedAt),
      oneLine(args),
    ]),
  ).split("\n");
}

function failureLines(
  failures: readonly Failure[],
  now: number,
): readonly string[] {
  if (failures.length === 0) return ["Nothing has failed since"];
  return table(
    ["FAILED", "ID", "WORKER", "SEEN", "ERROR"],
    failures.map(({ event, at }) => [
      oneLine(event.name ?? ""),
      event.uuid ?? "",
      event.hostname,
      age(at, now),
      oneLine(event.exception ?? ""),
    ]),
  ).split("\n");
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ");
}
