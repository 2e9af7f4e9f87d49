/**
 * The seam between a pool and the tasks: one run of one task, in whatever
 * isolate this module was loaded into.
 *
 * @module
 */

import type { ResultRecord } from "../contracts/result_backend.ts";
import type { Envelope } from "../message/envelope.ts";
import type { Outcome } from "./outcome.ts";
import type { InterruptReason } from "../interrupt.ts";

/** How a task came to its worker. */
export interface DeliveryInfo {
  /** The queue that it was taken from. */
  readonly queue: string;
  /** Its priority. */
  readonly priority: number;
  /** How often a worker was lost with it before. */
  readonly losses: number;
  /** The soft time limit in force, in ms. */
  readonly softLimit: number | null;
  /** The hard time limit in force, in ms. */
  readonly hardLimit: number | null;
}

/** What a task says of itself to those who watch. */
export interface CustomEvent {
  /** What happened. */
  readonly type: string;
  /** What there is to say of it; plain JSON. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What the surroundings of a run offer to it. */
export interface RunSurroundings {
  /** The node name of the worker. */
  readonly hostname: string;
  /** How the task came here. */
  readonly delivery: DeliveryInfo;
  /** The envelope, where it was decoded in this isolate already. */
  readonly envelope?: Envelope | undefined;
  /** Whether it runs at the call, not in a worker. */
  readonly eager?: boolean | undefined;
  /** Results that are not in the backend: those of eager calls. */
  readonly known?: ReadonlyMap<string, ResultRecord> | undefined;
  /** Tells those who watch; absent where nobody can. */
  sendEvent?(event: CustomEvent): void;
  /** Whether the run is to stop, read at every `checkpoint()`; cheap. */
  interrupted(): InterruptReason | null;
}

/** A run under way. */
export interface Run {
  /** What comes of it. Never rejects. */
  readonly outcome: Promise<Outcome>;
  /** Aborts the task's `signal` with the error of this reason. */
  interrupt(reason: InterruptReason): void;
}

/** Starts runs. */
export interface Runner {
  /** Starts the task that an envelope asks for. Never throws. */
  start(body: string, surroundings: RunSurroundings): Run;
  /** Called when nothing is to be started any more. Never rejects. */
  end(): Promise<void>;
}

/** Starts several runs on one event loop. */
export interface ManyRunner extends Runner {
  /**
   * Calls back for each of several that are to start now, in their order,
   * from where it costs the least to start them. Never throws by itself.
   */
  each<T extends { readonly envelope?: Envelope | undefined }>(
    jobs: readonly T[],
    start: (job: T) => void,
  ): void;
}
