/**
 * What a gateway and its clients say to each other: a POST of JSON to
 * `<url>/v1/<operation>`, and JSON in return.
 *
 * @module
 */

import type {
  CancelOutcome,
  CancelRequest,
  GroupPlan,
  LiveTask,
  Message,
  ResultRecord,
} from "../../src/contracts/mod.ts";

/** What is asked and answered, by operation. */
export interface Operations {
  /** Says what the store behind the gateway can do. */
  hello: {
    readonly asks: Record<string, never>;
    readonly answers: Hello;
  };
  /** `Broker.publish` */
  publish: {
    readonly asks: {
      readonly messages: readonly Message[];
      readonly groups?: readonly GroupPlan[] | undefined;
    };
    readonly answers: { readonly added: readonly boolean[] };
  };
  /** `Broker.cancel` */
  cancel: {
    readonly asks: { readonly requests: readonly CancelRequest[] };
    readonly answers: { readonly outcomes: readonly CancelOutcome[] };
  };
  /** `Broker.holders` */
  holders: {
    readonly asks: { readonly keys: readonly string[] };
    readonly answers: { readonly ids: readonly (string | null)[] };
  };
  /** `Inspector.find` */
  find: {
    readonly asks: { readonly ids: readonly string[] };
    readonly answers: { readonly tasks: readonly (LiveTask | null)[] };
  };
  /** `ResultBackend.fetch` */
  fetch: {
    readonly asks: { readonly ids: readonly string[] };
    readonly answers: { readonly records: readonly (ResultRecord | null)[] };
  };
  /** Waits until one of the tasks has ended, or for so many ms. */
  wait: {
    readonly asks: { readonly ids: readonly string[]; readonly ms: number };
    readonly answers: { readonly ended: readonly string[] };
  };
  /** `ResultBackend.forget` */
  forget: {
    readonly asks: { readonly ids: readonly string[] };
    readonly answers: Record<string, never>;
  };
}

/** The name of an operation. */
export type Operation = keyof Operations;

/** What a gateway says of itself. */
export interface Hello {
  /** The version of this protocol. */
  readonly version: number;
  /** Whether limits are counted over all queues. */
  readonly limitsAcrossQueues: boolean;
}

/** The answer to what went wrong. */
export interface Refusal {
  /** What went wrong. */
  readonly error: {
    /** A sentence. */
    readonly message: string;
    /** Whether the same call may succeed later. */
    readonly transient: boolean;
    /** Whether it may have been carried out all the same. */
    readonly inDoubt: boolean;
  };
}

/** The version of this protocol. */
export const VERSION = 1;

/** The longest that `wait` waits, in ms: proxies end what is silent for long. */
export const LONGEST_WAIT = 25_000;

/** The most items of one call. */
export const MOST_ITEMS = 10_000;
