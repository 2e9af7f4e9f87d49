/**
 * Runs the jobs of one isolate, one after the other.
 *
 * @module
 */

import { encodeError } from "../../message/error_codec.ts";
import { contextStorage } from "../../runtime/async_context.ts";
import type { Outcome } from "../outcome.ts";
import type {
  CustomEvent,
  DeliveryInfo,
  Run,
  Runner,
  RunSurroundings,
} from "../runner.ts";
import { Fifo } from "./fifo.ts";
import { LineWriter } from "./line_ring.ts";
import type { InterruptReason } from "../../interrupt.ts";
import {
  decodeJobs,
  type HandedJob,
  type IsolateInit,
  REASONS,
  ToWorker,
  Word,
} from "./protocol.ts";

/** Claims, runs and reports jobs. */
export class JobLoop {
  readonly #seat: number;
  readonly #words: Int32Array;
  readonly #ring: LineWriter;
  readonly #hostname: string;
  readonly #say: (kind: string, payload: string) => void;
  readonly #waiting = new Fifo<HandedJob>();
  #runner: Runner | null = null;
  readonly #causes = contextStorage<HandedJob>();
  #run: Run | null = null;
  #current = 0;
  #begun = 0;
  #active = false;
  #closed = false;

  /** Makes a loop that runs nothing before it is opened. */
  constructor(
    init: IsolateInit,
    say: (kind: string, payload: string) => void,
  ) {
    this.#seat = init.seat;
    this.#words = init.words;
    this.#ring = new LineWriter(init.ring, () => say(ToWorker.Bell, ""));
    this.#hostname = init.host.hostname;
    this.#say = say;
  }

  /** The ordinal of the job that runs; 0 is none. */
  get current(): number {
    return this.#current;
  }

  /** Whether no other job has run here before the one that runs. */
  get isFirst(): boolean {
    return this.#begun === 1;
  }

  /** The job that the calling code was started by, be it over already. */
  get cause(): HandedJob | undefined {
    return this.#causes.getStore();
  }

  /** Begins to run jobs. */
  open(runner: Runner): void {
    this.#runner = runner;
    this.#wake();
  }

  /** Claims no more jobs. */
  close(): void {
    this.#closed = true;
  }

  /** Takes encoded jobs. */
  take(payload: string): void {
    for (const job of decodeJobs(payload)) this.#waiting.push(job);
    this.#wake();
  }

  /** Interrupts a job, if it is the one that runs. */
  interrupt(ordinal: number, reason: InterruptReason | null): void {
    if (ordinal === this.#current && reason !== null) {
      this.#run?.interrupt(reason);
    }
  }

  /** Says a line through the ring; by message if that has no room for it. */
  report(kind: string, payload: string): void {
    if (!this.#ring.write(`${kind}${this.#seat} ${payload}`)) {
      this.#say(kind, payload);
    }
  }

  #wake(): void {
    if (this.#active || this.#runner === null) return;
    this.#active = true;
    void this.#work(this.#runner);
  }

  async #work(runner: Runner): Promise<void> {
    for (
      let job = this.#waiting.shift();
      job !== undefined;
      job = this.#waiting.shift()
    ) {
      if (!this.#claim(job.ordinal)) continue;
      this.#current = job.ordinal;
      this.#begun++;
      if (job.watched) {
        this.report(ToWorker.Started, `${job.ordinal} ${Date.now()}`);
      }
      const outcome = await this.#outcomeOf(runner, job);
      // At once: what has ended must not wait for the next job, which may run
      // for long or take the whole host with it.
      Atomics.add(this.#words, Word.Ended, 1);
      this.report(
        ToWorker.Ended,
        `${job.ordinal} ${JSON.stringify(outcome)}`,
      );
      this.#run = null;
      this.#current = 0;
    }
    this.#active = false;
  }

  /** A job can be claimed by its predecessor's number, and only once. */
  #claim(ordinal: number): boolean {
    if (this.#closed) return false;
    const before = (ordinal - 1) | 0;
    return before ===
      Atomics.compareExchange(this.#words, Word.Claimed, before, ordinal | 0);
  }

  async #outcomeOf(runner: Runner, job: HandedJob): Promise<Outcome> {
    try {
      const surroundings = new Surroundings(
        this.#hostname,
        job,
        this.#words,
        (event) =>
          this.report(
            ToWorker.Event,
            `${job.ordinal} ${JSON.stringify(event)}`,
          ),
      );
      const run = this.#run = this.#causes.run(
        job,
        () => runner.start(job.body, surroundings),
      );
      // The message may have come before the start; the flag is still there.
      const reason = surroundings.interrupted();
      if (reason !== null) run.interrupt(reason);
      return await run.outcome;
    } catch (error) {
      return {
        kind: "failure",
        error: encodeError(error),
        endedAt: Date.now(),
      };
    }
  }
}

/** What a run reads of the isolate that it is in. */
class Surroundings implements RunSurroundings {
  readonly hostname: string;
  readonly delivery: DeliveryInfo;
  readonly #ordinal: number;
  readonly #words: Int32Array;

  constructor(
    hostname: string,
    job: HandedJob,
    words: Int32Array,
    readonly sendEvent: (event: CustomEvent) => void,
  ) {
    this.hostname = hostname;
    this.delivery = job.delivery;
    this.#ordinal = job.ordinal | 0;
    this.#words = words;
  }

  interrupted(): InterruptReason | null {
    const words = this.#words;
    if (Atomics.load(words, Word.Interrupted) !== this.#ordinal) return null;
    return REASONS[Atomics.load(words, Word.Reason)] ?? null;
  }
}
