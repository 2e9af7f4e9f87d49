/**
 * One host process, as seen by the worker.
 *
 * @module
 */

import type { Clock } from "../../contracts/clock.ts";
import { HostProcess, type ProcessExit } from "../../runtime/host_process.ts";
import { lost, outOfMemory } from "./faults.ts";
import {
  describeExit,
  describeReport,
  describeSuspects,
  isHeapExhausted,
  outcomeOfReport,
} from "./host_faults.ts";
import { megabytes } from "./megabytes.ts";
import {
  type FaultReport,
  type HostInit,
  type MemoryReport,
  numbered,
  partsOf,
  type SeatInit,
  ToHost,
  ToWorker,
} from "./protocol.ts";
import { logRecord } from "./isolate_log.ts";
import { Seat, type SeatFault } from "./seat.ts";
import { siblingModule } from "./sibling.ts";
import type { StoreServer, StoreSession } from "./store_server.ts";

/** How long (ms) a host may take to say what it holds. */
const MEASURE_TIMEOUT = 500;

/** What a host is made from. */
export interface HostOptions {
  /** What it is told first. */
  readonly init: HostInit;
  /** Which walls it has; hosts of the same walls have the same key. */
  readonly walls: string;
  /** Permissions of its isolates; `null` is those of the worker. */
  readonly permissions: string | null;
  /** Flags of `deno run`. */
  readonly flags: readonly string[];
  /** How many seats it has. */
  readonly seats: number;
  /** How long it may take to be ready, in ms. */
  readonly startTimeout: number;
  /** Serves the store to its tasks. */
  readonly storeServer: StoreServer | null;
  /** How long it may take to end in peace, in ms; 0 is not at all. */
  readonly farewell: number;
  /** Where time comes from. */
  readonly clock: Clock;
  /** Called when its process has ended. */
  readonly onExit: (host: Host) => void;
}

/** A process and its seats. */
export class Host {
  /** Which walls it has. */
  readonly walls: string;
  /** Resolves when every seat can run jobs; rejects when one cannot. */
  readonly ready: Promise<void>;
  /** Resolves when its process has ended. */
  readonly exited: Promise<void>;
  /** Seats that nobody sits on. */
  readonly free: Seat[] = [];
  /** Whether all seats can run jobs. */
  isReady = false;
  readonly #options: HostOptions;
  readonly #process: HostProcess;
  readonly #seats: Seat[] = [];
  readonly #taken = new Set<Seat>();
  readonly #sessions: (StoreSession | null)[] = [];
  /** Those who wait to hear what it holds. */
  readonly #measures = new Set<(held: number | null) => void>();
  #condemned = false;
  #ending = false;
  #readySeats = 0;
  #settle: { resolve(): void; reject(error: Error): void };
  #exited!: () => void;
  #cancelStart: () => void;
  /** Why it is being killed, if it is for something that a task did. */
  #cause: SeatFault["outcomeOf"] | null = null;
  #causeMessage = "";

  /** Forks the process and opens its seats. */
  constructor(options: HostOptions) {
    this.#options = options;
    this.walls = options.walls;
    const ready = Promise.withResolvers<void>();
    this.ready = ready.promise;
    this.ready.catch(() => {});
    this.#settle = ready;
    this.exited = new Promise((resolve) => this.#exited = resolve);
    this.#process = new HostProcess({
      entry: siblingModule("host_entry"),
      flags: options.flags,
      onFrame: (frame) => this.#receive(frame),
      onExit: (exit) => this.#onExit(exit),
    });
    this.#cancelStart = options.clock.timer(options.startTimeout, () => {
      this.#failStart(`is not ready after ${options.startTimeout} ms`);
    });
    this.send(`${ToHost.Init}0 ${JSON.stringify(options.init)}`);
    const seatInit: SeatInit = { permissions: options.permissions };
    for (let index = 0; index < options.seats; index++) {
      const seat = new Seat(this, index);
      this.#seats.push(seat);
      this.free.push(seat);
      this.#sessions.push(
        options.storeServer?.open((text) =>
          this.send(`${ToHost.Store}${index} ${text}`)
        ) ?? null,
      );
      this.send(`${ToHost.Open}${index} ${JSON.stringify(seatInit)}`);
    }
  }

  /** The process id. */
  get pid(): number {
    return this.#process.pid;
  }

  /** Whether it takes no new jobs: it ends when its seats are left. */
  get condemned(): boolean {
    return this.#condemned || this.#process.hasEnded;
  }

  /** Whether nobody sits on any seat. */
  get isUnused(): boolean {
    return this.#taken.size === 0;
  }

  /** Sends a frame. */
  send(frame: string): void {
    this.#process.send(frame);
  }

  /**
   * How many bytes it holds. Its main thread runs no tasks, so it answers at
   * once; `null` is that it did not, or has ended.
   */
  measure(): Promise<number | null> {
    const { promise, resolve } = Promise.withResolvers<number | null>();
    if (this.#process.hasEnded) return Promise.resolve(null);
    const cancel = this.#options.clock.timer(
      MEASURE_TIMEOUT,
      () => resolve(null),
    );
    this.#measures.add(resolve);
    this.send(`${ToHost.Measure}0 `);
    return promise.finally(() => {
      cancel();
      this.#measures.delete(resolve);
    });
  }

  /** Takes a free seat. */
  take(): Seat | undefined {
    const seat = this.free.pop();
    if (seat !== undefined) this.#taken.add(seat);
    return seat;
  }

  /** Gives a seat back that can run more jobs. */
  release(seat: Seat): void {
    this.#leave(seat);
    if (!this.condemned) this.free.push(seat);
    this.#endIfLeft();
  }

  /** Leaves a seat for good; what runs in it is ended. */
  abandon(seat: Seat): void {
    this.#leave(seat);
    this.#sessions[seat.index]?.close();
    this.send(`${ToHost.Close}${seat.index} `);
    this.#endIfLeft();
  }

  /** Takes no new jobs; ends when its seats are left. */
  condemn(): void {
    if (this.#condemned) return;
    this.#condemned = true;
    this.free.length = 0;
    for (const seat of [...this.#taken]) seat.owner?.onRetire();
    this.#endIfLeft();
  }

  /** Ends the process at once. */
  kill(): void {
    this.#condemned = true;
    this.#process.kill();
  }

  /** Ends the process, in which nothing runs, once it has exported all. */
  end(): void {
    const { farewell, clock } = this.#options;
    if (farewell === 0 || !this.isReady) return this.kill();
    if (this.#ending) return;
    this.#ending = true;
    this.#condemned = true;
    this.send(`${ToHost.End}0 `);
    const cancel = clock.timer(farewell, () => this.kill());
    this.exited.then(cancel);
  }

  #leave(seat: Seat): void {
    seat.owner = null;
    this.#taken.delete(seat);
  }

  #endIfLeft(): void {
    if (this.#taken.size === 0 && (this.condemned || this.free.length === 0)) {
      this.end();
    }
  }

  #receive(frame: string): void {
    for (const line of frame.split("\n")) {
      const { kind, seat, payload } = partsOf(line);
      switch (kind) {
        case ToWorker.Ready:
          if (++this.#readySeats === this.#seats.length) this.#becomeReady();
          break;
        case ToWorker.Broken:
          this.#onBroken(JSON.parse(payload));
          break;
        case ToWorker.Fault: {
          const [ordinal, report] = numbered(payload);
          this.#onFault(seat, ordinal, JSON.parse(report));
          break;
        }
        case ToWorker.Retire:
          this.condemn();
          break;
        case ToWorker.Memory:
          this.#onMemory(JSON.parse(payload));
          break;
        case ToWorker.Measured:
          this.#tellMeasure(Number(payload));
          break;
        case ToWorker.Store:
          this.#sessions[seat]?.receive(payload);
          break;
        case ToWorker.Log:
          logRecord(payload);
          break;
        default:
          this.#seats[seat]?.receive(kind, payload);
      }
    }
  }

  /** The application in messages, with the walls that it was loaded in. */
  get #application(): string {
    const { init, permissions } = this.#options;
    return permissions === null
      ? init.module
      : `${init.module} with the permissions ${permissions}`;
  }

  #becomeReady(): void {
    this.isReady = true;
    this.#cancelStart();
    this.#settle.resolve();
  }

  #onBroken(report: FaultReport): void {
    this.#failStart(`could not load ${this.#application}: ${report.message}`);
  }

  #onFault(index: number, ordinal: number, report: FaultReport): void {
    if (!this.isReady) {
      const what = report.exit === undefined
        ? report.message
        : `it called ${report.exit}`;
      this.#failStart(`could not load ${this.#application}: ${what}`);
      return;
    }
    const seat = this.#seats[index];
    seat?.owner?.onFault({
      ordinal: report.isDead === true ? seat.first : ordinal,
      message: describeReport(report),
      outcomeOf: (job, startedAt) =>
        outcomeOfReport(job, report, {
          startedAt,
          endedAt: this.#options.clock.now(),
        }),
    });
  }

  #onMemory({ held, limit }: MemoryReport): void {
    if (limit === undefined) {
      this.condemn();
      return;
    }
    this.#blameMemory(
      `its host held ${megabytes(held)}, more than the limit of ` +
        `${megabytes(limit)}`,
    );
    this.kill();
  }

  #tellMeasure(held: number | null): void {
    for (const resolve of this.#measures) resolve(held);
  }

  #blameMemory(what: string): void {
    this.#causeMessage = what;
    this.#cause = (job, startedAt) =>
      outOfMemory(job, what, { startedAt, endedAt: this.#options.clock.now() });
  }

  #failStart(what: string): void {
    if (this.isReady) return;
    this.#cancelStart();
    this.#settle.reject(new Error(`A host process ${what}`));
    this.kill();
  }

  #onExit(exit: ProcessExit): void {
    const { clock, init } = this.#options;
    this.#condemned = true;
    this.free.length = 0;
    this.#tellMeasure(null);
    this.#failStart(`${describeExit(exit)} while it started`);
    for (const session of this.#sessions) session?.close();
    if (this.#cause === null && isHeapExhausted(exit)) {
      this.#blameMemory(
        `it used up the heap of its host, whose limit is ` +
          megabytes(init.memoryLimit),
      );
    }
    const what = describeExit(exit);
    const cause = this.#cause;
    const suspects = [...this.#taken].filter((it) => it.entries.size > 0);
    for (const seat of [...this.#taken]) {
      seat.owner?.onFault({
        ordinal: seat.first,
        message: cause === null ? `a host process ${what}` : this.#causeMessage,
        outcomeOf: cause ??
          ((job, startedAt) =>
            lost(
              job,
              `its host process ${what}${describeSuspects(suspects, seat)}`,
              {
                startedAt,
                endedAt: clock.now(),
              },
            )),
      });
    }
    this.#options.onExit(this);
    this.#exited();
  }
}
