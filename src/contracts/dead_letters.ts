/**
 * The dead letter port: messages that can never run, kept with the reason.
 *
 * @module
 */

import type { Message } from "./broker.ts";
import type { Page, PageRequest } from "./result_backend.ts";

/** A message that was taken out of service. */
export interface DeadLetter extends Message {
  /** Its key among the dead letters; ids need not be unique there. */
  readonly key: string;
  /** A short word for the kind of trouble: the name of an error class. */
  readonly reason: string;
  /** A sentence that says what was wrong. */
  readonly detail: string;
  /** How often a lease of it was lost. */
  readonly losses: number;
  /** When it was taken out (epoch ms). */
  readonly diedAt: number;
}

/** Lists, redrives and purges dead letters. */
export interface DeadLetters {
  /** Lists dead letters, the latest first. */
  list(page: PageRequest): Promise<Page<DeadLetter>>;
  /**
   * Puts dead letters back into their queues, with no losses counted. One
   * whose id is live again, or whose unique key another message has, stays
   * where it is.
   *
   * @param keys which ones; `null` is all
   * @returns how many went back
   */
  redrive(keys: readonly string[] | null): Promise<number>;
  /**
   * Drops dead letters for good.
   *
   * @param keys which ones; `null` is all
   * @returns how many were dropped
   */
  purge(keys: readonly string[] | null): Promise<number>;
}
