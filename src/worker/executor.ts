/**
 * Leads deliveries through the worker: has them admitted, hands them to the
 * pool, and what comes of them to those who tell, count and commit it.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import type {
  Cancellation,
  Delivery,
  Settlement,
} from "../contracts/broker.ts";
import type { ResultRecord } from "../contracts/result_backend.ts";
import type { Demand } from "./demand.ts";
import { isRevoked, type Revocation } from "../producer/revocation.ts";
import type { TaskFigures } from "../control/facts.ts";
import { Committer, type CommitterParts, logUnstored } from "./committer.ts";
import { EarlyAcks } from "./early_acks.ts";
import { Figures } from "./figures.ts";
import type { Admission, Gate } from "./gate.ts";
import type { HistoryCounter } from "./history_counter.ts";
import { type Held, type Holding, InFlight } from "./in_flight.ts";
import type { Outcome } from "./outcome.ts";
import type { Monitor } from "./monitor.ts";
import type { Job, Pool, PoolEvents } from "./pool/pool.ts";
import type { Recorder } from "./recorder.ts";
import { notEnded, repeatsAmong } from "./repeats.ts";
import { Reports } from "./reports.ts";
import type { CustomEvent } from "./runner.ts";
import { Turns } from "./turns.ts";

const NONE: ReadonlySet<string> = new Set();

const log = getLogger(["lovage", "worker"]);

/** What an executor works with. */
export interface ExecutorParts extends CommitterParts {
  /** Admits deliveries. */
  readonly gate: Gate;
  /** Writes the records of what goes on. */
  readonly recorder: Recorder;
  /** Measures the pace. */
  readonly demand: Demand;
  /** Tells those who watch. */
  readonly monitor: Monitor;
  /** Counts for the history. */
  readonly history: HistoryCounter;
  /** Whether what it holds is the worker's for certain. */
  readonly holds: () => boolean;
  /** Told how many it holds before it hands more of them to the pool. */
  readonly onNeed: (held: number) => void;
}

/** What a worker has done so far. */
export interface Totals {
  /** Tasks that ended, by outcome. */
  readonly ended: Readonly<Record<string, number>>;
  /** Tasks that ran, by name. */
  readonly byTask: Readonly<Record<string, number>>;
  /** Tasks that it holds. */
  readonly held: number;
}

/** Runs deliveries. */
export class Executor implements PoolEvents {
  readonly #parts: ExecutorParts;
  readonly #inFlight = new InFlight();
  readonly #turns: Turns;
  readonly #counts: Record<string, number> = {};
  readonly #byTask: Record<string, number> = {};
  readonly #committer: Committer;
  readonly #early: EarlyAcks;
  readonly #reports: Reports;
  readonly #figures = new Figures();
  #pool: Pool | null = null;
  #onRoom: () => void = () => {};

  /** An executor without a pool yet. */
  constructor(parts: ExecutorParts) {
    this.#parts = parts;
    this.#reports = new Reports(parts.app);
    this.#committer = new Committer(parts);
    this.#turns = new Turns(parts.app, (held) => this.#afterTurn(held));
    this.#early = new EarlyAcks({
      settler: parts.settler,
      free: () => (this.#pool?.slots ?? 0) - this.held + this.#early.size,
      run: (tasks) => this.#submit(tasks),
      forget: ({ job }) => this.#inFlight.take(job.key),
    });
  }

  /** Says where tasks run. */
  use(pool: Pool): void {
    this.#pool = pool;
  }

  /** Calls back whenever there may be room for more. */
  onRoom(callback: () => void): void {
    this.#onRoom = callback;
  }

  /** How many deliveries run or wait for a slot. */
  get held(): number {
    return this.#inFlight.size - this.#turns.size;
  }

  /** How many that have limits wait for a slot. */
  get limited(): number {
    // Those with limits go first: with a slot for everybody, none waits.
    if (this.#pool === null || this.held <= this.#pool.slots) return 0;
    if (this.#inFlight.limited === 0) return 0;
    const { running } = this.#pool;
    let waiting = 0;
    for (
      const { delivery: { limits }, job: { key } } of this.#inFlight.values()
    ) {
      if (limits && !running.has(key) && !this.#turns.has(key)) waiting++;
    }
    return waiting;
  }

  /** What was done so far. */
  get totals(): Totals {
    return {
      ended: { ...this.#counts },
      byTask: { ...this.#byTask },
      held: this.#inFlight.size,
    };
  }

  /** The deliveries that it holds, and how far each has come. */
  get holdings(): readonly Holding[] {
    const running = this.#pool?.running ?? new Set();
    return [...this.#inFlight.values()].map((held) => ({
      held,
      run: running.has(held.job.key)
        ? this.#pool?.runOf(held.job.key)
        : undefined,
      stage: running.has(held.job.key)
        ? "running"
        : this.#turns.has(held.job.key)
        ? "limited"
        : "reserved",
    }));
  }

  /** What it has counted, by task. */
  get figures(): Readonly<Record<string, TaskFigures>> {
    return this.#figures.read(this.holdings);
  }

  /** Takes deliveries. */
  async take(deliveries: readonly Delivery[]): Promise<void> {
    const { app, gate, settler, monitor } = this.#parts;
    const now = app.clock().now();
    const admitted: Held[] = [];
    const runs: Held[] = [];
    const settled: Settlement[] = [];
    const failed: ResultRecord[] = [];
    const { opened } = app.stores;
    const repeats = opened === null || opened.atomic
      ? NONE
      : await repeatsAmong(opened, deliveries);
    monitor.expect(deliveries.length);
    for (const delivery of deliveries) {
      if (repeats.has(delivery.id)) {
        const { id, token } = delivery;
        settled.push({ id, token, action: { kind: "ack" } });
        continue;
      }
      const admission = this.#admit(gate, delivery, now);
      if (admission.kind === "settle") {
        settled.push(admission.settlement);
        failed.push(...admission.failed ?? []);
        if (admission.ended !== null) {
          this.#countDropped(admission.ended);
          monitor.dropped(delivery.id, delivery.task, admission.ended);
          this.#reports.dropped(delivery, admission);
        }
        continue;
      }
      admitted.push(admission.held);
      this.#inFlight.add(admission.held);
      if (admission.after === 0) runs.push(admission.held);
      else this.#turns.wait(admission.held, admission.after);
    }
    this.#reports.received(admitted);
    monitor.received(admitted);
    this.#figures.received(admitted);
    if (failed.length > 0) {
      const wasLost = deliveries.some(({ losses }) => losses > 0);
      await settler.store(
        wasLost && opened !== null ? await notEnded(opened, failed) : failed,
      );
    }
    if (settled.length > 0) await settler.settle(settled);
    await this.#run(runs);
  }

  /** Gives deliveries back that it has not taken. */
  giveBack(deliveries: readonly Delivery[]): void {
    for (const one of deliveries) this.#committer.refused(one);
  }

  /** Interrupts or ends tasks that were cancelled. */
  cancel(cancellations: readonly Cancellation[]): void {
    for (const { id, terminate } of cancellations) {
      const held = this.#inFlight.ofTask(id);
      if (held === undefined) continue;
      const { key, task } = held.job;
      held.revoked = true;
      const endedAt = this.#parts.app.clock().now();
      const detail = `Task "${task}" (${id}) was revoked`;
      if (this.#turns.take(key) || this.#early.remove(key)) {
        this.ended(held.job, { kind: "revoked", detail, endedAt });
      } else if (terminate) {
        const terminated = true;
        this.#pool?.kill(key, { kind: "revoked", detail, terminated, endedAt });
      } else {
        this.#pool?.interrupt(key, "revoked");
      }
    }
  }

  /** Interrupts or ends tasks that were revoked and are with this worker alone. */
  cancelOwn(revocation: Revocation): void {
    const { terminate } = revocation;
    const meant = [...this.#inFlight.values()].filter((held) =>
      held.acknowledged && isRevoked(held.envelope, revocation)
    );
    this.cancel(meant.map(({ delivery: { id } }) => ({ id, terminate })));
  }

  /** Gives back what waits for a slot. */
  recall(): void {
    for (const { job } of this.#early.drain()) this.returned(job);
    this.#pool?.recall();
  }

  /** Gives back what waits for its turn under a rate limit. */
  recallLimited(): void {
    for (const key of this.#turns.takeAll()) {
      const held = this.#inFlight.take(key);
      if (held !== undefined) this.#committer.returned(held);
    }
  }

  started(job: Job, at: number): void {
    const held = this.#inFlight.get(job.key);
    const { settler, recorder, monitor } = this.#parts;
    if (held === undefined) return;
    monitor.started(held, at);
    if (!held.policy.trackStarted) return;
    const record = recorder.started(held, at);
    if (record !== undefined) settler.store([record]).catch(logUnstored);
  }

  told(job: Job, event: CustomEvent): void {
    const held = this.#inFlight.get(job.key);
    if (held !== undefined) this.#parts.monitor.custom(held, event);
  }

  ended(job: Job, outcome: Outcome): void {
    const held = this.#inFlight.take(job.key);
    if (held === undefined) return;
    this.#count(outcome.kind);
    this.#byTask[job.task] = (this.#byTask[job.task] ?? 0) + 1;
    this.#parts.demand.ended(1, outcome.endedAt);
    this.#reports.ended(held, outcome);
    this.#parts.monitor.ended(held, outcome);
    this.#parts.history.ended(held, outcome);
    this.#figures.ended(held, outcome);
    this.#committer.ended(held, outcome);
    // A slot is free, but what waits for it may be another worker's by now.
    if (!this.#parts.holds()) this.recall();
    if (this.#early.size > 0) this.#early.pump().catch(logUnstored);
    this.#onRoom();
  }

  returned(job: Job): void {
    const held = this.#inFlight.take(job.key);
    if (held === undefined) return;
    this.#committer.returned(held);
    this.#onRoom();
  }

  /** Whatever is wrong with one delivery, the others go on. */
  #admit(gate: Gate, delivery: Delivery, now: number): Admission {
    try {
      return gate.admit(delivery, now);
    } catch (error) {
      log.error("Task {task} ({id}) cannot be taken: {error}", {
        task: delivery.task,
        id: delivery.id,
        error,
      });
      return gate.refuse(delivery, error, now);
    }
  }

  async #run(runs: readonly Held[]): Promise<void> {
    this.#parts.onNeed(this.held);
    const early = runs.filter(({ policy }) => !policy.acksLate);
    if (early.length === 0) return this.#submit(runs);
    this.#submit(runs.filter(({ policy }) => policy.acksLate));
    await this.#early.take(early);
  }

  #submit(runs: readonly Held[]): void {
    if (runs.length > 0) this.#pool?.submit(runs.map((held) => held.job));
  }

  /** It waited under a rate limit, and now it is its turn. */
  #afterTurn(held: Held): void {
    if (!this.#parts.holds()) return this.returned(held.job);
    const late = this.#parts.gate.expired(held);
    if (late === null) {
      this.#run([held]).catch(logUnstored);
      return;
    }
    const { id, task } = held.delivery;
    this.#inFlight.take(held.job.key);
    this.#countDropped("expired");
    this.#parts.monitor.dropped(id, task, "expired");
    this.#parts.settler.push(late);
  }

  #countDropped(kind: Outcome["kind"] | "expired"): void {
    // What came too late is revoked, as in Celery.
    this.#count(kind === "expired" ? "revoked" : kind);
  }

  #count(kind: Outcome["kind"]): void {
    this.#counts[kind] = (this.#counts[kind] ?? 0) + 1;
  }
}
