/**
 * The pool that runs each job in an isolate of a host process: what a task
 * does can be limited, stopped and survived.
 *
 * @module
 */

import type { HostMemory } from "../../control/facts.ts";
import { ConfigError } from "../../errors.ts";
import { inheritedFlags } from "../../runtime/inherited_flags.ts";
import type { Outcome } from "../outcome.ts";
import { Durations } from "./durations.ts";
import { neverStarted } from "./faults.ts";
import { HostFleet } from "./fleet.ts";
import { Host } from "./host.ts";
import { hostFlags, memoryShare } from "./host_flags.ts";
import type { IsolatePoolOptions } from "./isolate_options.ts";
import type { InterruptReason } from "../../interrupt.ts";
import type { Job, JobRun, Pool, StopMode, Walls } from "./pool.ts";
import { lowestLogLevel } from "./isolate_log.ts";
import { type HostInit, PROTOCOL_VERSION } from "./protocol.ts";
import { siblingModule } from "./sibling.ts";
import { type JobSource, Slot } from "./slot.ts";
import { StoreServer } from "./store_server.ts";
import { WaitingJobs } from "./waiting_jobs.ts";
import { wallsKey, wallsOf } from "./walls.ts";

const SWEEP_MS = 25;
/** How long a host may take to end in peace, in ms. */
const FAREWELL = 2_000;

/** Runs jobs in isolates of host processes. */
export class IsolatePool implements Pool {
  readonly warnings: readonly string[] = [];
  readonly #options: IsolatePoolOptions;
  readonly #memoryLimit: number;
  readonly #flags: readonly string[];
  readonly #storeServer: StoreServer | null;
  readonly #fleet: HostFleet;
  readonly #durations = new Durations();
  #slots: Slot[] = [];
  // Slots that are no more, once what they run has ended.
  #leaving: Slot[] = [];
  readonly #waiting = new WaitingJobs();
  #pumping = false;
  #cancelSweep: (() => void) | null = null;
  #stopping = false;
  #onIdle: (() => void) | null = null;

  /** Makes a pool; no process is forked before it is started. */
  constructor(options: IsolatePoolOptions) {
    const { slots, clock } = options;
    const seatsPerHost = options.slotsPerHost ?? 1;
    const onFault = options.onFault ?? (() => {});
    this.#options = options;
    this.#memoryLimit = options.memoryLimit ??
      memoryShare(Math.ceil((options.mostSlots ?? slots) / seatsPerHost));
    this.#flags = [
      ...inheritedFlags(moduleUrl(options.module)),
      ...options.flags ?? [],
    ];
    this.#storeServer = options.store === null
      ? null
      : new StoreServer(options.store);
    this.#fleet = new HostFleet({
      fork: (walls, onExit) => this.#fork(walls, onExit),
      spareSeats: seatsPerHost,
      parkedHosts: slots,
      onFault,
      clock,
    });
    for (let index = 0; index < slots; index++) {
      this.#slots.push(this.#newSlot());
    }
  }

  get slots(): number {
    return this.#slots.length;
  }

  get running(): ReadonlySet<number> {
    return new Set(
      this.#all().flatMap(({ current }) =>
        current === null ? [] : [current.key]
      ),
    );
  }

  runOf(key: number): JobRun | undefined {
    return this.#all().find(({ current }) => current?.key === key)?.run;
  }

  /** The ids of its host processes. */
  get pids(): number[] {
    return [...this.#fleet.hosts].map((host) => host.pid);
  }

  async start(): Promise<void> {
    try {
      await Promise.race(this.#slots.map((slot) => slot.start()));
    } catch (error) {
      await this.stop("cold");
      throw error;
    }
    this.#fleet.begin();
  }

  resize(slots: number): void {
    if (this.#stopping) return;
    const idleFirst = this.#slots.toSorted((a, b) =>
      Number(a.isIdle) - Number(b.isIdle)
    );
    const leaving = new Set(idleFirst.slice(slots));
    for (const slot of leaving) {
      slot.recall();
      slot.close();
    }
    this.#slots = this.#slots.filter((slot) => !leaving.has(slot));
    this.#leaving.push(...leaving);
    while (this.#slots.length < slots) {
      const slot = this.#newSlot();
      this.#slots.push(slot);
      // It tries again by itself.
      slot.start().catch(() => {});
    }
    this.#schedule();
  }

  restart(): void {
    if (!this.#stopping) this.#fleet.replaceAll();
  }

  submit(jobs: readonly Job[]): void {
    if (this.#stopping) {
      for (const job of jobs) this.#options.events.returned(job);
      return;
    }
    this.#waiting.add(jobs);
    this.#schedule();
  }

  recall(): void {
    for (const job of this.#waiting.drain()) {
      this.#options.events.returned(job);
    }
    for (const slot of this.#all()) slot.recall();
  }

  interrupt(key: number, reason: InterruptReason): void {
    if (this.#all().some((slot) => slot.interrupt(key, reason))) return;
    const job = this.#waiting.remove((job) => job.key === key);
    if (job !== undefined) {
      const { events, clock } = this.#options;
      events.ended(job, neverStarted(job, clock.now()));
    }
  }

  kill(key: number, outcome: Outcome): void {
    if (this.#all().some((slot) => slot.kill(key, outcome))) return;
    const job = this.#waiting.remove((job) => job.key === key);
    if (job !== undefined) this.#options.events.ended(job, outcome);
  }

  measure(): Promise<readonly HostMemory[]> {
    return Promise.all([...this.#fleet.hosts].map(async (host) => ({
      pid: host.pid,
      rss: await host.measure(),
    })));
  }

  async stop(mode: StopMode): Promise<void> {
    this.#stopping = true;
    this.recall();
    for (const slot of this.#all()) {
      slot.close();
      if (mode === "cold") slot.releaseAll();
    }
    while (!this.#all().every((slot) => slot.isIdle)) {
      await new Promise<void>((resolve) => {
        const earlier = this.#onIdle;
        this.#onIdle = () => {
          earlier?.();
          resolve();
        };
      });
    }
    this.#cancelSweep?.();
    await this.#fleet.stop();
  }

  #newSlot(): Slot {
    const { events, clock, onFault = () => {}, maxTasksPerChild } = this
      .#options;
    return new Slot({
      fleet: this.#fleet,
      events,
      durations: this.#durations,
      maxTasks: maxTasksPerChild ?? null,
      requeue: (jobs) => this.#requeue(jobs),
      onRoom: () => this.#schedule(),
      onFault,
      clock,
    });
  }

  #all(): readonly Slot[] {
    return this.#leaving.length === 0
      ? this.#slots
      : [...this.#slots, ...this.#leaving];
  }

  #letGo(): void {
    if (this.#leaving.length === 0) return;
    for (const slot of this.#leaving) if (slot.isIdle) slot.leave();
    this.#leaving = this.#leaving.filter((slot) => !slot.isIdle);
  }

  #fork(walls: Walls, onExit: (host: Host) => void): Host {
    const { module, hostname, store, clock } = this.#options;
    const memoryLimit = walls.memoryLimit ?? this.#memoryLimit;
    const init: HostInit = {
      version: PROTOCOL_VERSION,
      module,
      runnerModule: this.#options.runnerModule ??
        siblingModule("../task_runner").href,
      hostname,
      memoryLimit,
      recycleAbove: this.#options.maxMemoryPerChild ?? null,
      store: store === null ? null : {
        scheme: store.scheme,
        address: store.address,
        capabilities: store.capabilities,
      },
      logLevel: lowestLogLevel(),
    };
    return new Host({
      init,
      walls: wallsKey(walls),
      permissions: walls.permissions,
      flags: hostFlags(this.#flags, memoryLimit),
      seats: this.#options.slotsPerHost ?? 1,
      startTimeout: this.#options.startTimeout ?? 60_000,
      storeServer: this.#storeServer,
      farewell: this.#options.farewell === true ? FAREWELL : 0,
      clock,
      onExit,
    });
  }

  #requeue(jobs: readonly Job[]): void {
    if (jobs.length === 0) return;
    if (this.#stopping) {
      for (const job of jobs) this.#options.events.returned(job);
      return;
    }
    this.#waiting.unshift(jobs);
    this.#schedule();
  }

  /** Fills the slots once after everything that happens in this turn. */
  #schedule(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    queueMicrotask(() => {
      this.#pumping = false;
      this.#pump();
    });
  }

  #pump(): void {
    const now = this.#options.clock.now();
    while (this.#waiting.size > 0) {
      if (!this.#fillSome(now) && !this.#switchOne()) break;
    }
    this.#sweepLater();
    this.#letGo();
    this.#fleet.expectLeaving(
      this.#slots.filter((slot) => slot.isLeavingSoon).length,
    );
    if (this.#onIdle !== null && this.#all().every((slot) => slot.isIdle)) {
      const onIdle = this.#onIdle;
      this.#onIdle = null;
      onIdle();
    }
  }

  /** Hands jobs to the slots that have the walls of the first in the queue. */
  #fillSome(now: number): boolean {
    const first = this.#waiting.peek();
    if (first === undefined) return false;
    const walls = wallsOf(first);
    const slots = this.#slots.filter((slot) => slot.hasRoom(walls, now))
      .sort((a, b) => a.load - b.load);
    const before = this.#waiting.size;
    const share = Math.ceil(before / slots.length);
    const source: JobSource = {
      peek: () => {
        const job = this.#waiting.peek();
        return job !== undefined && wallsOf(job) === walls ? job : undefined;
      },
      take: () => void this.#waiting.shift(),
    };
    for (const slot of slots) slot.fill(source, share, now);
    return this.#waiting.size < before;
  }

  /** Has a free slot take the walls of the first job in the queue. */
  #switchOne(): boolean {
    const first = this.#waiting.peek();
    if (first === undefined) return false;
    const walls = wallsOf(first);
    const slot = this.#slots.find((slot) =>
      slot.isFree && slot.walls !== walls
    );
    if (slot === undefined) return false;
    this.#waiting.shift();
    void slot.switchTo(first);
    return true;
  }

  /** Looks after jobs that wait behind others, for as long as there are any. */
  #sweepLater(): void {
    if (this.#cancelSweep !== null) return;
    if (!this.#slots.some((slot) => slot.hasQueue)) return;
    const { clock } = this.#options;
    this.#cancelSweep = clock.timer(SWEEP_MS, () => {
      this.#cancelSweep = null;
      for (const slot of this.#slots) slot.recallIfStuck(clock.now());
      this.#sweepLater();
    });
  }
}

function moduleUrl(module: string): URL {
  if (URL.canParse(module)) return new URL(module);
  throw new ConfigError(
    `The isolate pool needs the URL of the app's module to load it in its ` +
      `processes, but got "${module}"; pass one (import.meta.url of the ` +
      `module), or use the async pool`,
  );
}
