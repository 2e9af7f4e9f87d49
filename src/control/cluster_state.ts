/**
 * What is known of workers and tasks from their events.
 *
 * @module
 */

import type { MonitorEvent } from "./monitor_event.ts";

/** A worker as its events show it. */
export interface WatchedWorker {
  /** Its node name. */
  readonly hostname: string;
  /** Whether it was heard of lately and has not said that it stops. */
  readonly alive: boolean;
  /** Whether it has said that it stops. */
  readonly stopped: boolean;
  /** When it was heard of last, epoch ms. */
  readonly seenAt: number;
  /** Its process. */
  readonly pid: number | null;
  /** Tasks that run in it. */
  readonly active: number;
  /** Tasks that it has ended. */
  readonly processed: number;
  /** Tasks that it had no time to tell of. */
  readonly untold: number;
  /** The load of its machine over 1, 5 and 15 minutes, once it was told. */
  readonly loadavg: readonly number[];
}

/** A task as its events show it. */
export interface WatchedTask {
  /** Its id. */
  readonly uuid: string;
  /** Its name, once it was told. */
  readonly name: string;
  /** Its state, in the terms of results. */
  readonly state: string;
  /** The worker that told of it last. */
  readonly worker: string;
  /** When it was told of last, epoch ms. */
  readonly updatedAt: number;
  /** How long it ran, in ms. */
  readonly runtime: number | null;
  /** Its arguments as text. */
  readonly args: string;
  /** Its result or error as text. */
  readonly outcome: string;
}

const STATES: Readonly<Record<string, string>> = {
  "task-sent": "PENDING",
  "task-received": "RECEIVED",
  "task-started": "STARTED",
  "task-succeeded": "SUCCESS",
  "task-failed": "FAILURE",
  "task-rejected": "REJECTED",
  "task-revoked": "REVOKED",
  "task-retried": "RETRY",
};

/** So many tasks are remembered, the latest. */
const MOST_TASKS = 10_000;
/** A worker that is silent for so many of its heartbeats is taken for gone. */
const LOST_BEATS = 3;
const USUAL_BEAT = 2_000;

/** What workers and tasks do, as far as the events tell that it is given. */
export class ClusterState {
  readonly #workers = new Map<string, WatchedWorker & { freq: number }>();
  readonly #tasks = new Map<string, WatchedTask>();

  /**
   * Takes an event in.
   *
   * @param heardAt when it was heard, epoch ms; by the clock of who asks for
   * the workers, as those of other machines may differ
   */
  take(event: MonitorEvent, heardAt: number): void {
    this.#takeWorker(event, heardAt);
    if (event.uuid !== undefined) this.#takeTask(event, event.uuid);
  }

  /**
   * The workers that were heard of, by name.
   *
   * @param now epoch ms, by the clock of `heardAt`
   */
  workers(now: number): readonly WatchedWorker[] {
    return [...this.#workers.values()].map(({ freq, ...worker }) => ({
      ...worker,
      // Of one that does not beat nothing is known until it says goodbye.
      alive: worker.alive &&
        (freq === 0 || now - worker.seenAt <= LOST_BEATS * freq),
    })).toSorted((a, b) => a.hostname < b.hostname ? -1 : 1);
  }

  /** The tasks that were heard of, the latest first. */
  tasks(): readonly WatchedTask[] {
    return [...this.#tasks.values()].reverse();
  }

  #takeWorker(event: MonitorEvent, heardAt: number): void {
    if (event.type === "task-sent") return;
    const { hostname, pid, active, processed, freq } = event;
    const before = this.#workers.get(hostname);
    this.#workers.set(hostname, {
      hostname,
      alive: event.type !== "worker-offline",
      stopped: event.type === "worker-offline",
      seenAt: heardAt,
      pid: pid ?? before?.pid ?? null,
      active: active ?? before?.active ?? 0,
      processed: processed ?? before?.processed ?? 0,
      untold: event.untold ?? before?.untold ?? 0,
      loadavg: event.loadavg ?? before?.loadavg ?? [],
      freq: freq ?? before?.freq ?? USUAL_BEAT,
    });
  }

  #takeTask(event: MonitorEvent, uuid: string): void {
    const before = this.#tasks.get(uuid);
    // Of two processes, events may come in another order than they happened.
    const isLate = before !== undefined &&
      (event.type === "task-sent" || event.timestamp < before.updatedAt);
    this.#tasks.delete(uuid);
    this.#tasks.set(uuid, {
      uuid,
      name: event.name ?? before?.name ?? "",
      state: isLate ? before.state : STATES[event.type] ?? before?.state ?? "",
      worker: event.type === "task-sent"
        ? before?.worker ?? ""
        : event.hostname,
      updatedAt: Math.max(event.timestamp, before?.updatedAt ?? 0),
      runtime: event.runtime ?? before?.runtime ?? null,
      args: event.args ?? before?.args ?? "",
      outcome: event.exception ?? event.result ?? before?.outcome ?? "",
    });
    if (this.#tasks.size <= MOST_TASKS) return;
    const [oldest] = this.#tasks.keys();
    if (oldest !== undefined) this.#tasks.delete(oldest);
  }
}
