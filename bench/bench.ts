/**
 * The rounds of a run: every measure, store by store, contestant by
 * contestant, in an order that alternates.
 *
 * @module
 */

import { calibrate, load } from "./calibration.ts";
import type { Contestant } from "./contestants/contestant.ts";
import { measureBacklog } from "./measures/backlog.ts";
import { measureBeat } from "./measures/beat.ts";
import { measureControl } from "./measures/control.ts";
import { measureDrain, measureIsolate } from "./measures/drain.ts";
import { measureEnqueue } from "./measures/enqueue.ts";
import { measureEvents } from "./measures/events.ts";
import { measureFloor } from "./measures/floor.ts";
import { measureIdle } from "./measures/idle.ts";
import { measureLimits } from "./measures/limits.ts";
import { measureCanvas } from "./measures/canvas.ts";
import { measureLatency } from "./measures/latency.ts";
import { measureTelemetry } from "./measures/telemetry.ts";
import { type Turn, turnOf } from "./measures/measure.ts";
import { Loaded } from "./measures/presence.ts";
import type { BenchOptions, MeasureName } from "./options.ts";
import { Samples } from "./samples.ts";
import { type BenchServer, startServer, type StoreName } from "./servers.ts";

type Measure = (turn: Turn, round: number) => Promise<void>;

/** A run: everything that is asked for, round by round. */
export class Bench implements AsyncDisposable {
  /** What was measured so far. */
  readonly samples: Samples = new Samples();
  /** What the tasks are stored in, with versions. */
  readonly about: string[] = [];
  /** What failed so far, and how. */
  readonly failures: string[] = [];
  /** The round that is under way. */
  round = 0;
  readonly #options: BenchOptions;
  readonly #servers = new Map<StoreName, BenchServer>();
  readonly #loaded = new Map<StoreName, Loaded>();

  constructor(options: BenchOptions) {
    this.#options = options;
  }

  /** Starts the servers and measures everybody, round by round. */
  async run(contestants: readonly Contestant[]): Promise<void> {
    const { stores, rounds } = this.#options;
    for (const store of stores) {
      const server = await startServer(store);
      this.#servers.set(store, server);
      this.about.push(server.about);
    }
    for (let round = 1; round <= rounds; round++) {
      this.round = round;
      this.#noteMachine(round);
      for (const store of stores) await this.#round(round, store, contestants);
    }
  }

  async #round(
    round: number,
    store: StoreName,
    contestants: readonly Contestant[],
  ): Promise<void> {
    const server = this.#servers.get(store);
    if (server === undefined) return;
    const { samples } = this;
    const { measures, quick } = this.#options;
    const own = contestants.filter((one) => one.store === store);
    // Who goes first alternates, so that nobody always has the cool machine.
    const order = round % 2 === 0 ? own.toReversed() : own;
    for (const name of measures) {
      for (const contestant of order) {
        console.error(`round ${round}: ${store}, ${name}, ${contestant.name}`);
        const turn = turnOf(contestant, server, { samples, round, quick });
        try {
          await this.#measures[name](turn, round);
        } catch (error) {
          // The other figures are worth having.
          this.#fail(`${store}, ${name}, ${contestant.name}: ${error}`);
        }
      }
    }
  }

  readonly #measures: Readonly<Record<MeasureName, Measure>> = {
    enqueue: async (turn) => {
      if (turn.server.store === "sqlite") await measureFloor(turn);
      await measureEnqueue(turn);
    },
    drain: measureDrain,
    latency: measureLatency,
    canvas: measureCanvas,
    isolate: measureIsolate,
    backlog: measureBacklog,
    presence: (turn, round) => this.#presence(turn, round),
    idle: async (turn, round) => {
      // It is compared with nobody, and takes long.
      if (round === 1) await measureIdle(turn);
    },
    beat: measureBeat,
    limits: measureLimits,
    events: measureEvents,
    control: measureControl,
    telemetry: measureTelemetry,
  };

  async #presence(turn: Turn, round: number): Promise<void> {
    const { contestant, server: { store } } = turn;
    if (contestant.name !== "Lovage" || store === "sqlite") return;
    const loaded = this.#loaded.get(store) ?? await Loaded.start(turn);
    this.#loaded.set(store, loaded);
    await loaded.measure(turn, round);
  }

  #fail(sentence: string): void {
    console.error(sentence);
    this.failures.push(sentence);
  }

  #noteMachine(round: number): void {
    const note = (measure: string, value: number) =>
      this.samples.note(
        { store: "machine", measure, contestant: "–" },
        round,
        value,
      );
    note("calibration, JSON round trips/s on one core", calibrate());
    note("load average at the start of a round", load());
  }

  /** Ends the servers. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const loaded of this.#loaded.values()) {
      await loaded[Symbol.asyncDispose]();
    }
    for (const server of this.#servers.values()) await server.stop();
  }
}
