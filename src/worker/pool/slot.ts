/**
 * One slot of the pool: sits on a seat, and moves to another one when its
 * seat is lost, used up or has the wrong walls.
 *
 * @module
 */

import type { Outcome } from "../outcome.ts";
import { lost, neverStarted } from "./faults.ts";
import type { HostFleet } from "./fleet.ts";
import { isLimited } from "./limits.ts";
import type { InterruptReason } from "../../interrupt.ts";
import type { Job, JobRun } from "./pool.ts";
import type { Expected, Seat } from "./seat.ts";
import { Tenancy, type TenancyOptions, type Tenant } from "./tenancy.ts";
import { NO_WALLS, OWN_WALLS, wallsOf } from "./walls.ts";

/** What a {@linkcode Slot} needs. */
export interface SlotOptions extends TenancyOptions {
  /** Where seats come from. */
  readonly fleet: HostFleet;
  /** Called when the slot may be able to take jobs, or has stopped. */
  readonly onRoom: () => void;
  /** Told of what goes wrong. */
  readonly onFault: (message: string) => void;
}

/** A queue from which jobs can be taken for as long as they fit. */
export interface JobSource {
  /** The next job that may be taken now. */
  peek(): Job | undefined;
  /** Takes that job. */
  take(): void;
}

/** The longest queue behind a running job. */
const MOST_AHEAD = 256;
/** How much work may be handed ahead, in ms. */
const WORK_AHEAD_MS = 20;

/** Runs one job at a time and holds a few ahead. */
export class Slot implements Tenant {
  readonly #options: SlotOptions;
  #tenancy: Tenancy | null = null;
  /** The job for which a seat with other walls is being opened. */
  #bound: Job | null = null;
  #opening = false;
  #closed = false;

  /** Makes a slot without a seat. */
  constructor(options: SlotOptions) {
    this.#options = options;
  }

  /** Whether it has no job. */
  get isIdle(): boolean {
    return this.#bound === null && (this.#tenancy?.size ?? 0) === 0;
  }

  /** Whether it can take a job, be it after a change of its walls. */
  get isFree(): boolean {
    return this.isIdle && !this.#opening && !this.#closed;
  }

  /** The job that runs; `null` when there is none. */
  get current(): Job | null {
    return this.#tenancy?.current ?? null;
  }

  /** How that runs. */
  get run(): JobRun | undefined {
    return this.#tenancy?.run;
  }

  /** Whether jobs wait behind another. */
  get hasQueue(): boolean {
    return this.#tenancy !== null && this.#tenancy.size > 1;
  }

  /** Whether its seat is nearly used up. */
  get isLeavingSoon(): boolean {
    const { maxTasks } = this.#options;
    return maxTasks !== null && this.#tenancy !== null &&
      this.#tenancy.left <= Math.max(1, maxTasks / 10);
  }

  /** The walls of its seat; `null` while it has none. */
  get walls(): string | null {
    return this.#tenancy?.seat.host.walls ?? null;
  }

  /** The expected duration of all that it has, in ms. */
  get load(): number {
    return this.#tenancy?.load ?? 0;
  }

  /**
   * Takes its first seat.
   *
   * @throws if no host can be started
   */
  async start(): Promise<void> {
    this.#opening = true;
    try {
      this.#sit(await this.#options.fleet.take(NO_WALLS));
    } catch (error) {
      this.#opening = false;
      this.#reopen();
      throw error;
    }
  }

  /** Whether it may take a batch of jobs with these walls now. */
  hasRoom(walls: string, now: number): boolean {
    const tenancy = this.#tenancy;
    if (tenancy === null || this.walls !== walls || tenancy.isSpent) {
      return false;
    }
    // Refilling at half keeps the batches large.
    return tenancy.size === 0 ||
      tenancy.size <= MOST_AHEAD / 2 && tenancy.load <= WORK_AHEAD_MS / 2 &&
        tenancy.isFlowing(now);
  }

  /** Takes jobs for as long as they fit. */
  fill(source: JobSource, most: number, now: number): void {
    const tenancy = this.#tenancy;
    if (tenancy === null) return;
    const jobs: Expected[] = [];
    const room = Math.min(most, tenancy.left, MOST_AHEAD - tenancy.size);
    let { load } = tenancy;
    for (
      let job = source.peek();
      job !== undefined && jobs.length < room;
      job = source.peek()
    ) {
      const estimate = this.#options.durations.of(job.task);
      load += estimate;
      const isFirst = tenancy.size + jobs.length === 0;
      if (!isFirst && load > WORK_AHEAD_MS) break;
      source.take();
      jobs.push({ job, estimate, watched: job.reportStart || isLimited(job) });
    }
    if (jobs.length > 0) tenancy.hand(jobs, now);
  }

  /** Moves to a seat with a job's walls and runs it there. */
  async switchTo(job: Job): Promise<void> {
    const { fleet } = this.#options;
    this.#bound = job;
    this.#opening = true;
    this.#tenancy?.seat.host.release(this.#tenancy.seat);
    this.#tenancy = null;
    fleet.trimParked();
    try {
      this.#sit(fleet.takeReady(wallsOf(job)) ?? await fleet.take(job.walls));
    } catch (error) {
      this.#onNoSeat(error as Error);
    }
  }

  /** Sends elsewhere what waits behind a job that does not end. */
  recallIfStuck(now: number): void {
    this.#tenancy?.recallIfStuck(now);
  }

  /** Gives all that has not been started back to the owner of the pool. */
  recall(): void {
    const bound = this.#unbind();
    if (bound !== null) this.#options.events.returned(bound);
    this.#tenancy?.recall();
  }

  /**
   * Interrupts a job.
   *
   * @returns whether the job is here
   */
  interrupt(key: number, reason: InterruptReason): boolean {
    if (this.#bound?.key !== key) {
      return this.#tenancy?.interrupt(key, reason) ?? false;
    }
    const { events, clock } = this.#options;
    const job = this.#bound;
    this.#unbind();
    events.ended(job, neverStarted(job, clock.now()));
    return true;
  }

  /**
   * Ends a job by force.
   *
   * @returns whether the job is here
   */
  kill(key: number, outcome: Outcome): boolean {
    if (this.#bound?.key !== key) {
      return this.#tenancy?.kill(key, outcome) ?? false;
    }
    const job = this.#bound;
    this.#unbind();
    this.#options.events.ended(job, outcome);
    return true;
  }

  /** Ends all jobs at once: those that run are released. */
  releaseAll(): void {
    this.#tenancy?.releaseAll();
  }

  /** Takes no more seats. */
  close(): void {
    this.#closed = true;
  }

  /** Leaves its seat, once it is closed and idle. */
  leave(): void {
    const seat = this.#tenancy?.seat;
    this.#tenancy = null;
    seat?.host.abandon(seat);
  }

  onRoom(): void {
    this.#options.onRoom();
  }

  onSpent(): void {
    this.#tenancy?.seat.host.abandon(this.#tenancy.seat);
    this.#reopen();
  }

  onLost(fault: string | null): void {
    if (fault !== null && !this.#closed) this.#options.onFault(fault);
    const seat = this.#tenancy?.seat;
    seat?.host.abandon(seat);
    seat?.host.condemn();
    this.#reopen();
  }

  #unbind(): Job | null {
    const bound = this.#bound;
    this.#bound = null;
    return bound;
  }

  /** Takes a seat without walls of its own. */
  #reopen(): void {
    const { fleet, onRoom } = this.#options;
    this.#tenancy = null;
    if (this.#closed) onRoom();
    if (this.#closed || this.#opening) return;
    const ready = fleet.takeReady(OWN_WALLS);
    if (ready !== undefined) {
      this.#sit(ready);
      return;
    }
    this.#opening = true;
    fleet.take(NO_WALLS).then(
      (seat) => this.#sit(seat),
      // The fleet has told of it, and makes the next one wait.
      () => {
        this.#opening = false;
        this.#reopen();
      },
    );
  }

  #sit(seat: Seat): void {
    const { requeue, onRoom } = this.#options;
    this.#opening = false;
    const bound = this.#unbind();
    if (this.#closed) seat.host.abandon(seat);
    else this.#tenancy = new Tenancy(seat, this.#options, this);
    if (bound !== null) requeue([bound]);
    if (seat.host.condemned && this.#tenancy !== null) this.onSpent();
    else onRoom();
  }

  #onNoSeat(error: Error): void {
    const { events, clock, onFault } = this.#options;
    this.#opening = false;
    const job = this.#unbind();
    if (!this.#closed) onFault(error.message);
    if (job !== null) {
      const what = `no host could be made for it: ${error.message}`;
      events.ended(job, lost(job, what, { endedAt: clock.now() }));
    }
    this.#reopen();
  }
}
