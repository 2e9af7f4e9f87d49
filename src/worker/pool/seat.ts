/**
 * One isolate of a host, as seen by the worker.
 *
 * @module
 */

import type { Outcome } from "../outcome.ts";
import type { CustomEvent } from "../runner.ts";
import type { Host } from "./host.ts";
import type { Limits } from "./limits.ts";
import type { InterruptReason } from "../../interrupt.ts";
import type { Job } from "./pool.ts";
import { encodeJobs, numbered, REASONS, ToHost, ToWorker } from "./protocol.ts";

/** A job that was handed to a seat. */
export interface Entry {
  /** The job. */
  readonly job: Job;
  /** Its number in its seat. */
  readonly ordinal: number;
  /** How long it is expected to run, in ms. */
  readonly estimate: number;
  /** Whether its start is reported. */
  readonly watched: boolean;
  /** When it began (epoch ms), if that was reported. */
  startedAt: number | undefined;
  /** The timers of its limits. */
  limits: Limits | null;
  /** The outcome that it is to have, should it not end by itself first. */
  verdict: Outcome | null;
  /** Ends waiting for an answer of the host about the verdict. */
  cancelPatience: (() => void) | null;
  /** Whether it ends as revoked when it turns out not to have started. */
  revoked: boolean;
  /** Whether it leaves the pool when it turns out not to have started. */
  recalled: boolean;
}

/** Why a seat can run no more jobs. */
export interface SeatFault {
  /** The job that was running in it, as far as it is known; 0 is none. */
  readonly ordinal: number;
  /** What to make of that job. */
  readonly outcomeOf: (job: Job, startedAt: number) => Outcome;
  /** What happened, for people. */
  readonly message: string;
}

/** Who sits on a seat. */
export interface SeatOwner {
  /** A watched job began. */
  onStarted(entry: Entry, at: number): void;
  /** A job tells those who watch. */
  onEvent(entry: Entry, event: CustomEvent): void;
  /** A job ended by itself. */
  onEnded(entry: Entry, outcome: Outcome): void;
  /** The answer to a recall: the jobs after the claimed one are given back. */
  onGivenBack(entries: readonly Entry[], claimed: number): void;
  /** The seat can run no more jobs. */
  onFault(fault: SeatFault): void;
  /** The host asks to be replaced between jobs. */
  onRetire(): void;
}

/** What is expected of a job that is handed over. */
export interface Expected {
  /** The job. */
  readonly job: Job;
  /** How long it is expected to run, in ms. */
  readonly estimate: number;
  /** Whether its start is to be reported. */
  readonly watched: boolean;
}

/** Hands jobs to an isolate and keeps account of them. */
export class Seat {
  /** The host that it belongs to. */
  readonly host: Host;
  /** Its number in the host. */
  readonly index: number;
  /** The jobs that it has, in the order in which they run. */
  readonly entries: Map<number, Entry> = new Map();
  /** Who sits on it. */
  owner: SeatOwner | null = null;
  #last = 0;
  #returned = 0;

  /** Makes the seat of a host. */
  constructor(host: Host, index: number) {
    this.host = host;
    this.index = index;
  }

  /** The job that must be running if any is; 0 is none. */
  get first(): number {
    return this.entries.keys().next().value ?? 0;
  }

  /** How many jobs it has run, runs and will run. */
  get used(): number {
    return this.#last - this.#returned;
  }

  /** Hands jobs over. */
  hand(jobs: readonly Expected[]): void {
    const first = this.#last + 1;
    for (const { job, estimate, watched } of jobs) {
      const ordinal = ++this.#last;
      this.entries.set(ordinal, {
        job,
        ordinal,
        estimate,
        watched,
        startedAt: undefined,
        limits: null,
        verdict: null,
        cancelPatience: null,
        revoked: false,
        recalled: false,
      });
    }
    this.host.send(encodeJobs(this.index, first, jobs));
  }

  /** Asks for what has not been started. */
  recall(): void {
    this.host.send(`${ToHost.Recall}${this.index} `);
  }

  /** Interrupts a job. One that does not run takes no notice. */
  interrupt(ordinal: number, reason: InterruptReason): void {
    const number = REASONS.indexOf(reason);
    this.host.send(`${ToHost.Interrupt}${this.index} ${ordinal} ${number}`);
  }

  /** Takes in what the isolate says of its jobs. */
  receive(kind: string, payload: string): void {
    switch (kind) {
      case ToWorker.Ended: {
        const [ordinal, text] = numbered(payload);
        const entry = this.entries.get(ordinal);
        // Unknown is one that was given up in the meantime.
        if (entry === undefined) return;
        this.entries.delete(ordinal);
        this.owner?.onEnded(entry, JSON.parse(text) as Outcome);
        break;
      }
      case ToWorker.Started: {
        const [ordinal, at] = numbered(payload);
        const entry = this.entries.get(ordinal);
        if (entry !== undefined) this.owner?.onStarted(entry, Number(at));
        break;
      }
      case ToWorker.Event: {
        const [ordinal, text] = numbered(payload);
        const entry = this.entries.get(ordinal);
        if (entry !== undefined) this.owner?.onEvent(entry, JSON.parse(text));
        break;
      }
      case ToWorker.GivenBack: {
        const [claimed, last] = numbered(payload);
        this.#giveBack(claimed, Number(last));
        break;
      }
    }
  }

  #giveBack(claimed: number, last: number): void {
    const entries: Entry[] = [];
    for (let ordinal = claimed + 1; ordinal <= last; ordinal++) {
      const entry = this.entries.get(ordinal);
      if (entry === undefined) continue;
      this.entries.delete(ordinal);
      entries.push(entry);
    }
    this.#returned += entries.length;
    this.owner?.onGivenBack(entries, claimed);
  }
}
