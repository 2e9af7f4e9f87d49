/**
 * What can come of running a task: a closed union, plain data, so that it
 * travels from an isolate as JSON.
 *
 * @module
 */

/** An error as it travels and is stored: JSON of an `EncodedError`. */
export type ErrorText = string;

/** What came of one run of a task. */
export type Outcome = OutcomeDetail & RunTimes;

/** When and how a run went. */
export interface RunTimes {
  /** When the task's function began (epoch ms); absent if it never did. */
  readonly startedAt?: number | undefined;
  /** When it ended (epoch ms). */
  readonly endedAt: number;
  /** Ids of the tasks that it sent. */
  readonly children?: readonly string[] | undefined;
  /** What carries its trace to those that follow, where it is traced. */
  readonly trace?: Readonly<Record<string, string>> | undefined;
}

/** The kinds of outcome. */
export type OutcomeDetail =
  /** It returned; the value is encoded, `null` when nothing is to be stored. */
  | {
    readonly kind: "success";
    readonly value: string | null;
    /** What it added to its chord; JSON of a list of `CanvasJson`. */
    readonly added?: string | undefined;
  }
  /** It failed for good. `expected` errors are in the task's `throws`. */
  | {
    readonly kind: "failure";
    readonly error: ErrorText;
    readonly expected?: boolean | undefined;
  }
  /** It is to run again; `body` is the next envelope. */
  | {
    readonly kind: "retry";
    readonly error: ErrorText;
    readonly body: string;
    readonly eta: number;
    readonly queue?: string | undefined;
    readonly priority?: number | undefined;
  }
  /** A canvas takes its place; JSON of a `CanvasJson`. */
  | { readonly kind: "replaced"; readonly canvas: string }
  /** It asked to be forgotten (`Ignore`). */
  | { readonly kind: "ignore" }
  /** It was refused (`Reject`): back to the queue, or to the dead letters. */
  | {
    readonly kind: "reject";
    readonly requeue: boolean;
    readonly detail: string;
  }
  /** It ended because it was cancelled. */
  | {
    readonly kind: "revoked";
    readonly detail: string;
    /** Whether it was ended by force. */
    readonly terminated?: boolean | undefined;
  }
  /** Its isolate died under it; nothing of its code said how it ended. */
  | {
    readonly kind: "lost";
    readonly error: ErrorText;
  }
  /** The worker stops before it ended: it goes back to its queue. */
  | { readonly kind: "released" };
