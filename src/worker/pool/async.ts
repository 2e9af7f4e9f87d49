/**
 * The pool that runs jobs on the worker's own event loop: for tasks that wait
 * for I/O, by the hundred.
 *
 * @module
 */

import type { Clock } from "../../contracts/clock.ts";
import type { HostMemory } from "../../control/facts.ts";
import { ConfigError } from "../../errors.ts";
import type { Envelope } from "../../message/envelope.ts";
import { encodeError } from "../../message/error_codec.ts";
import type { Outcome } from "../outcome.ts";
import type {
  CustomEvent,
  DeliveryInfo,
  ManyRunner,
  Run,
  RunSurroundings,
} from "../runner.ts";
import { neverStarted, timeLimitExceeded } from "./faults.ts";
import { WaitingJobs } from "./waiting_jobs.ts";
import { isLimited, Limits } from "./limits.ts";
import { PassingMap } from "./passing_map.ts";
import type { InterruptReason } from "../../interrupt.ts";
import type { Job, JobRun, Pool, PoolEvents, StopMode } from "./pool.ts";

/** What an {@linkcode AsyncPool} is made of. */
export interface AsyncPoolOptions {
  /** How many jobs can run at a time. */
  readonly slots: number;
  /** Runs the tasks. */
  readonly runner: ManyRunner;
  /** The node name of the worker. */
  readonly hostname: string;
  /** Told what comes of the jobs. */
  readonly events: PoolEvents;
  /** Where time comes from. */
  readonly clock: Clock;
}

/** Runs jobs beside each other on this event loop. */
export class AsyncPool implements Pool {
  readonly warnings: readonly string[] = [
    "The async pool cannot stop code that keeps the event loop busy: hard " +
    "time limits and terminate report such a task as ended, but it runs on; " +
    "use the isolate pool for tasks that may run away",
    "The async pool runs tasks with the worker's own permissions and memory: " +
    "permissions and memory limits of tasks are not enforced",
  ];
  /** It has no processes of its own. */
  readonly pids: readonly number[] = [];
  readonly #runner: ManyRunner;
  readonly #hostname: string;
  readonly #events: PoolEvents;
  readonly #clock: Clock;
  readonly #waiting = new WaitingJobs();
  readonly #running = new PassingMap<Running>();
  #slots: number;
  #stopping = false;
  #isFilling = false;
  #idle: (() => void) | null = null;

  /** Makes a pool; nothing runs before a job is submitted. */
  constructor(options: AsyncPoolOptions) {
    this.#slots = options.slots;
    this.#runner = options.runner;
    this.#hostname = options.hostname;
    this.#events = options.events;
    this.#clock = options.clock;
  }

  get slots(): number {
    return this.#slots;
  }

  get running(): ReadonlySet<number> {
    return new Set(this.#running.keys());
  }

  runOf(key: number): JobRun | undefined {
    const running = this.#running.get(key);
    return running && { startedAt: running.startedAt, pid: null };
  }

  resize(slots: number): void {
    this.#slots = slots;
    this.#fill();
  }

  restart(): void {
    throw new ConfigError(
      "The async pool runs tasks in the worker's own process, which cannot load code anew: restart the worker",
    );
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  submit(jobs: readonly Job[]): void {
    if (this.#stopping) {
      for (const job of jobs) this.#events.returned(job);
      return;
    }
    this.#waiting.add(jobs);
    this.#fill();
  }

  recall(): void {
    for (const job of this.#waiting.drain()) this.#events.returned(job);
  }

  interrupt(key: number, reason: InterruptReason): void {
    const running = this.#running.get(key);
    if (running !== undefined) {
      running.interrupt(reason);
      return;
    }
    const job = this.#waiting.remove((job) => job.key === key);
    if (job !== undefined) {
      this.#events.ended(job, neverStarted(job, this.#clock.now()));
    }
  }

  measure(): Promise<readonly HostMemory[]> {
    return Promise.resolve([]);
  }

  kill(key: number, outcome: Outcome): void {
    const running = this.#running.get(key);
    if (running !== undefined) {
      // The run cannot be ended, but it can be asked to, and forgotten.
      running.interrupt("revoked");
      this.#end(running, outcome);
      return;
    }
    const job = this.#waiting.remove((job) => job.key === key);
    if (job !== undefined) this.#events.ended(job, outcome);
  }

  async stop(mode: StopMode): Promise<void> {
    this.#stopping = true;
    this.recall();
    if (mode === "cold") {
      for (const running of this.#running.values()) {
        running.interrupt("shutdown");
        this.#end(running, { kind: "released", endedAt: this.#clock.now() });
      }
    }
    while (this.#running.size > 0) {
      await new Promise<void>((resolve) => {
        const earlier = this.#idle;
        this.#idle = () => {
          earlier?.();
          resolve();
        };
      });
    }
  }

  /** Starts what there are slots for. */
  #fill(): void {
    const jobs: Job[] = [];
    for (let free = this.#slots - this.#running.size; free > 0; free--) {
      const job = this.#waiting.shift();
      if (job === undefined) break;
      jobs.push(job);
    }
    if (jobs.length === 0) return;
    const started: Running[] = [];
    this.#runner.each(jobs, (job) => started.push(this.#start(job)));
    for (const running of started) this.#await(running);
  }

  /** Runs end by the hundred in one go: what comes next starts in one, too. */
  #fillSoon(): void {
    if (this.#isFilling || this.#waiting.size === 0) return;
    this.#isFilling = true;
    queueMicrotask(() => {
      this.#isFilling = false;
      this.#fill();
    });
  }

  #start(job: Job): Running {
    const running = new Running(job, {
      hostname: this.#hostname,
      startedAt: this.#clock.now(),
      events: this.#events,
    });
    this.#running.add(job.key, running);
    if (job.reportStart) this.#events.started(job, running.startedAt);
    running.run = this.#runner.start(job.body, running);
    if (isLimited(job)) {
      running.limits = new Limits(
        this.#clock,
        job,
        () => running.interrupt("soft-limit"),
        () => this.#overrun(running),
      );
    }
    return running;
  }

  #await(running: Running): void {
    running.run?.outcome.then(
      (outcome) => this.#end(running, outcome),
      (error) =>
        this.#end(running, {
          kind: "failure",
          error: encodeError(error),
          endedAt: this.#clock.now(),
        }),
    );
  }

  #overrun(running: Running): void {
    running.interrupt("soft-limit");
    const { job, startedAt } = running;
    const endedAt = this.#clock.now();
    this.#end(running, timeLimitExceeded(job, { startedAt, endedAt }));
  }

  #end(running: Running, outcome: Outcome): void {
    // A run that was forgotten says something when it ends after all.
    if (this.#running.get(running.job.key) !== running) return;
    this.#running.take(running.job.key);
    running.limits?.clear();
    this.#events.ended(running.job, outcome);
    this.#fillSoon();
    if (this.#idle !== null && this.#running.size === 0) {
      const idle = this.#idle;
      this.#idle = null;
      idle();
    }
  }
}

/** A job under way; to its run, the surroundings. */
class Running implements RunSurroundings {
  readonly job: Job;
  readonly hostname: string;
  readonly delivery: DeliveryInfo;
  readonly envelope: Envelope | undefined;
  run: Run | null = null;
  limits: Limits | null = null;
  readonly startedAt: number;
  #interrupted: InterruptReason | null = null;

  readonly #events: PoolEvents;

  constructor(
    job: Job,
    { hostname, startedAt, events }: {
      readonly hostname: string;
      readonly startedAt: number;
      readonly events: PoolEvents;
    },
  ) {
    this.job = job;
    this.startedAt = startedAt;
    this.hostname = hostname;
    this.#events = events;
    this.delivery = job.delivery;
    this.envelope = job.envelope;
  }

  sendEvent(event: CustomEvent): void {
    this.#events.told(this.job, event);
  }

  interrupted(): InterruptReason | null {
    return this.#interrupted;
  }

  interrupt(reason: InterruptReason): void {
    this.#interrupted = reason;
    this.run?.interrupt(reason);
  }
}
