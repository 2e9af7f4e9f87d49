/**
 * A slot's time on one seat: the jobs that it handed over, their limits, and
 * how each of them ends.
 *
 * @module
 */

import type { Clock } from "../../contracts/clock.ts";
import type { Outcome } from "../outcome.ts";
import type { CustomEvent } from "../runner.ts";
import type { Durations } from "./durations.ts";
import { neverStarted, timeLimitExceeded } from "./faults.ts";
import { isLimited, Limits } from "./limits.ts";
import type { InterruptReason } from "../../interrupt.ts";
import type { Job, JobRun, PoolEvents } from "./pool.ts";
import type { Entry, Expected, Seat, SeatFault, SeatOwner } from "./seat.ts";

/** What a {@linkcode Tenancy} needs. */
export interface TenancyOptions {
  /** Told what comes of jobs. */
  readonly events: PoolEvents;
  /** Learns how long tasks take. */
  readonly durations: Durations;
  /** How many jobs a seat may run; `null` is any number. */
  readonly maxTasks: number | null;
  /** Takes back jobs that were not started, to run elsewhere. */
  readonly requeue: (jobs: readonly Job[]) => void;
  /** Where time comes from. */
  readonly clock: Clock;
}

/** Told how it goes on. */
export interface Tenant {
  /** Jobs have left the seat, which can take more. */
  onRoom(): void;
  /** The seat is empty and not to be used again. */
  onSpent(): void;
  /** The isolate is not to be trusted any more; its jobs have left. */
  onLost(fault: string | null): void;
}

/** After how many ms without any job ending a seat counts as stuck. */
const STUCK_MS = 50;
/** How long to wait for a host's word on a job that is to be ended. */
const PATIENCE_MS = 100;

/** Keeps account of the jobs on a seat. */
export class Tenancy implements SeatOwner {
  /** The seat. */
  readonly seat: Seat;
  /** The expected duration of all jobs on the seat, in ms. */
  load = 0;
  readonly #options: TenancyOptions;
  readonly #tenant: Tenant;
  #progressAt: number;
  #recalls = 0;
  /** Up to which ordinal the isolate had come at the last recall. */
  #claimed = 0;

  /** Sits down on a seat. */
  constructor(seat: Seat, options: TenancyOptions, tenant: Tenant) {
    this.seat = seat;
    this.#options = options;
    this.#tenant = tenant;
    this.#progressAt = options.clock.now();
    seat.owner = this;
  }

  /** How many jobs are on the seat. */
  get size(): number {
    return this.seat.entries.size;
  }

  /** The job that runs; `null` when there is none. */
  get current(): Job | null {
    for (const { job } of this.seat.entries.values()) return job;
    return null;
  }

  /** How that runs: since the one before it ended. */
  get run(): JobRun {
    return { startedAt: this.#progressAt, pid: this.seat.host.pid };
  }

  /** How many more jobs the seat may run. */
  get left(): number {
    const { maxTasks } = this.#options;
    return maxTasks === null ? Infinity : maxTasks - this.seat.used;
  }

  /** Whether no more jobs are to be handed over. */
  get isSpent(): boolean {
    return this.seat.host.condemned || this.left <= 0;
  }

  /** Whether jobs end, so that others may wait behind them. */
  isFlowing(now: number): boolean {
    return this.#recalls === 0 && now - this.#progressAt < STUCK_MS;
  }

  /** Hands jobs over. */
  hand(jobs: readonly Expected[], now: number): void {
    if (this.size === 0) this.#progressAt = now;
    for (const { estimate } of jobs) this.load += estimate;
    this.seat.hand(jobs);
  }

  /** Sends elsewhere what waits behind a job that does not end. */
  recallIfStuck(now: number): void {
    if (this.size < 2 || this.#recalls > 0) return;
    if (now - this.#progressAt >= STUCK_MS) this.#recall();
  }

  /** Gives all that has not been started back to the owner of the pool. */
  recall(): void {
    if (this.size === 0) return;
    for (const entry of this.seat.entries.values()) entry.recalled = true;
    this.#recall();
  }

  /**
   * Interrupts a job.
   *
   * @returns whether the job is here
   */
  interrupt(key: number, reason: InterruptReason): boolean {
    const entry = this.#find(key);
    if (entry === undefined) return false;
    entry.revoked = true;
    this.seat.interrupt(entry.ordinal, reason);
    this.#recall();
    return true;
  }

  /**
   * Ends a job by force.
   *
   * @returns whether the job is here
   */
  kill(key: number, outcome: Outcome): boolean {
    const entry = this.#find(key);
    if (entry !== undefined) this.#sentence(entry, outcome);
    return entry !== undefined;
  }

  /** Ends all jobs at once: those that run are released. */
  releaseAll(): void {
    this.recall();
    const endedAt = this.#options.clock.now();
    for (const entry of this.seat.entries.values()) {
      this.#sentence(entry, { kind: "released", endedAt });
    }
  }

  onStarted(entry: Entry, at: number): void {
    const { job } = entry;
    entry.startedAt = at;
    if (job.reportStart) this.#options.events.started(job, at);
    if (isLimited(job)) entry.limits = this.#limit(entry, at);
  }

  onEvent({ job }: Entry, event: CustomEvent): void {
    this.#options.events.told(job, event);
  }

  onEnded(entry: Entry, outcome: Outcome): void {
    const { durations, clock } = this.#options;
    durations.learn(entry.job.task, outcome);
    this.#progressAt = clock.now();
    this.#end(entry, outcome);
    this.#goOn();
  }

  onGivenBack(entries: readonly Entry[], claimed: number): void {
    this.#recalls--;
    this.#claimed = claimed;
    this.#return(entries);
    // What was claimed runs to its end, unless it is to be ended.
    for (const entry of this.seat.entries.values()) {
      if (entry.ordinal <= claimed) entry.recalled = false;
    }
    this.#goOn();
  }

  onFault({ ordinal, outcomeOf, message }: SeatFault): void {
    const entry = this.seat.entries.get(ordinal);
    let fault = `An isolate was ended: ${message}`;
    if (entry !== undefined) {
      const { job, startedAt, verdict } = entry;
      fault += `, while it ran task "${job.task}" (${job.id})`;
      this.seat.entries.delete(entry.ordinal);
      // Of one that was not watched it is known when it had its turn.
      const since = startedAt ?? this.#progressAt;
      this.#end(entry, verdict ?? outcomeOf(job, since));
    }
    this.#leave(fault);
  }

  onRetire(): void {
    if (this.size > 1) this.#recall();
    this.#goOn();
  }

  #limit(entry: Entry, startedAt: number): Limits {
    const { clock } = this.#options;
    const { job } = entry;
    return new Limits(
      clock,
      job,
      () => this.seat.interrupt(entry.ordinal, "soft-limit"),
      () => {
        const times = { startedAt, endedAt: clock.now() };
        this.#sentence(entry, timeLimitExceeded(job, times));
      },
    );
  }

  #recall(): void {
    this.#recalls++;
    this.seat.recall();
  }

  #find(key: number): Entry | undefined {
    for (const entry of this.seat.entries.values()) {
      if (entry.job.key === key) return entry;
    }
    return undefined;
  }

  /**
   * Decides that a job is to end. The host says first how far its isolate has
   * come: only then is it known whether the job runs, and nothing else is
   * hurt. A host that does not answer is ended all the same.
   */
  #sentence(entry: Entry, verdict: Outcome): void {
    if (entry.verdict !== null) return;
    entry.verdict = verdict;
    entry.cancelPatience = this.#options.clock.timer(
      PATIENCE_MS,
      () => this.#execute(entry),
    );
    this.#recall();
  }

  #execute(entry: Entry): void {
    if (!this.seat.entries.delete(entry.ordinal)) return;
    if (entry.verdict !== null) this.#end(entry, entry.verdict);
    this.#leave(null);
  }

  /** What follows from a job that left, or from the answer to a recall. */
  #goOn(): void {
    const first = this.seat.entries.values().next().value;
    if (first === undefined) {
      // Sums of fractions drift.
      this.load = 0;
      if (this.isSpent) this.#tenant.onSpent();
      else this.#tenant.onRoom();
    } else if (
      // Before the claimed one are those whose outcomes are on their way.
      first.verdict !== null && this.#recalls === 0 &&
      first.ordinal === this.#claimed
    ) {
      this.#execute(first);
    } else this.#tenant.onRoom();
  }

  #leave(fault: string | null): void {
    const rest = [...this.seat.entries.values()];
    this.seat.entries.clear();
    this.#return(rest);
    this.#tenant.onLost(fault);
  }

  /** Sends jobs that were not started on their way. */
  #return(entries: readonly Entry[]): void {
    const { events, clock, requeue } = this.#options;
    const jobs: Job[] = [];
    for (const entry of entries) {
      const { job, verdict, revoked, recalled } = entry;
      this.#forget(entry);
      if (recalled || verdict?.kind === "released") events.returned(job);
      else if (verdict !== null) events.ended(job, verdict);
      else if (revoked) events.ended(job, neverStarted(job, clock.now()));
      else jobs.push(job);
    }
    requeue(jobs);
  }

  #end(entry: Entry, outcome: Outcome): void {
    this.#forget(entry);
    this.#options.events.ended(entry.job, outcome);
  }

  #forget(entry: Entry): void {
    entry.limits?.clear();
    entry.cancelPatience?.();
    this.load -= entry.estimate;
  }
}
