/**
 * The main thread of a host process: relays between worker and isolates and
 * answers for isolates that are busy.
 *
 * @module
 */

import { residentMemory } from "../../runtime/memory.ts";
import { HostIsolate } from "./host_isolate.ts";
import { megabytes } from "./megabytes.ts";
import { MemoryWatch } from "./memory_watch.ts";
import {
  type FaultReport,
  type HostInit,
  lastOrdinalOf,
  numbered,
  partsOf,
  PROTOCOL_VERSION,
  type SeatInit,
  ToHost,
  ToWorker,
} from "./protocol.ts";

/** Serves the frames of the worker. */
export class HostMain {
  readonly #say: (line: string) => void;
  readonly #end: () => void;
  readonly #isolates = new Map<number, HostIsolate>();
  #init: HostInit | null = null;
  #memory: MemoryWatch | null = null;
  #toEnd = 0;

  /**
   * Makes a host.
   *
   * @param say says a line
   * @param end ends the process in peace
   */
  constructor(say: (line: string) => void, end: () => void) {
    this.#say = say;
    this.#end = end;
  }

  /** Serves a frame. */
  receive(frame: string): void {
    const { kind, seat, payload } = partsOf(frame);
    if (kind === ToHost.Init) return this.#start(JSON.parse(payload));
    if (kind === ToHost.Open) return this.#open(seat, JSON.parse(payload));
    if (kind === ToHost.End) return this.#endAll();
    if (kind === ToHost.Measure) {
      return this.#say(`${ToWorker.Measured}0 ${residentMemory()}`);
    }
    const isolate = this.#isolates.get(seat);
    if (isolate === undefined) return;
    switch (kind) {
      case ToHost.Jobs:
        isolate.hand(lastOrdinalOf(payload), payload);
        this.#memory?.wake();
        break;
      case ToHost.Recall:
        isolate.recall();
        break;
      case ToHost.Interrupt: {
        const [ordinal, reason] = numbered(payload);
        isolate.interrupt(ordinal, Number(reason));
        break;
      }
      case ToHost.Store:
        isolate.post(ToHost.Store + payload);
        break;
      case ToHost.Close:
        isolate.close();
        this.#isolates.delete(seat);
        break;
    }
  }

  /** Ends once all isolates have said that they are ready to. */
  #endAll(): void {
    this.#toEnd = this.#isolates.size;
    if (this.#toEnd === 0) return this.#end();
    for (const isolate of this.#isolates.values()) isolate.post(ToHost.End);
  }

  #start(init: HostInit): void {
    if (init.version !== PROTOCOL_VERSION) {
      const message = `The worker speaks version ${init.version} of the ` +
        `protocol and this host speaks ${PROTOCOL_VERSION}: both must come ` +
        `from the same version of the package`;
      this.#say(`${ToWorker.Broken}0 ${JSON.stringify({ message })}`);
      return;
    }
    this.#init = init;
    this.#memory = new MemoryWatch({
      limit: init.memoryLimit,
      recycleAbove: init.recycleAbove,
      measure: residentMemory,
      isBusy: () => [...this.#isolates.values()].some((it) => it.isBusy),
      report: (report) =>
        this.#say(`${ToWorker.Memory}0 ${JSON.stringify(report)}`),
    });
  }

  #open(seat: number, { permissions }: SeatInit): void {
    if (this.#init === null) return;
    try {
      this.#isolates.set(seat, this.#isolate(seat, this.#init, permissions));
    } catch (error) {
      // Permissions that make no sense, or more than the host has.
      const report: FaultReport = { message: String(error) };
      this.#say(`${ToWorker.Broken}${seat} ${JSON.stringify(report)}`);
    }
  }

  #isolate(
    seat: number,
    host: HostInit,
    permissions: string | null,
  ): HostIsolate {
    return new HostIsolate({
      seat,
      host,
      permissions,
      say: (line) => {
        if (line.startsWith(ToWorker.Done)) {
          if (--this.#toEnd === 0) this.#end();
          return;
        }
        const isReady = line.startsWith(ToWorker.Ready);
        this.#say(isReady ? this.#readiness(line) : line);
      },
      onEnded: () => this.#memory?.jobsEnded(),
    });
  }

  /** A host without room for any task says so before it gets one. */
  #readiness(line: string): string {
    const limit = this.#init?.memoryLimit ?? Infinity;
    const held = residentMemory();
    if (held < limit) return line;
    const report: FaultReport = {
      message: `it takes ${megabytes(held)} before any task runs, but the ` +
        `memory limit is ${megabytes(limit)}; raise the limit`,
    };
    return `${ToWorker.Broken}0 ${JSON.stringify(report)}`;
  }
}
