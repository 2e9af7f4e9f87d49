/**
 * Wake-ups. A store that finds nothing to reserve is noted among the idle of
 * its queues, by the same script that found nothing; who publishes wakes one
 * of the idle, and who takes work and leaves some behind wakes the next. So
 * an idle worker costs nothing, no wake-up is lost, and of many idle workers
 * one is woken per message.
 *
 * @module
 */

import type { Client } from "./client.ts";
import { escapeLine } from "./format.ts";
import { PASS_ON } from "./scripts/consumers.ts";
import type { Subscriber } from "./subscriber.ts";

/** One call that waits. */
export interface Waiter {
  /** Resolves at the first wake-up. */
  readonly woken: Promise<void>;
  /** Wakes it. */
  readonly wake: () => void;
  /** Ends the waiting. */
  readonly end: () => void;
}

/** The calls of one store that wait for work. */
export class Wake {
  readonly #client: Client;
  readonly #subscriber: Subscriber;
  readonly #waiting = new Map<() => void, ReadonlySet<string>>();
  #listening: Promise<unknown> | undefined;

  constructor(client: Client, subscriber: Subscriber) {
    this.#client = client;
    this.#subscriber = subscriber;
    subscriber.onGap(() => this.#wakeAll());
  }

  /** Resolves when wake-ups are heard. */
  async listen(): Promise<void> {
    const { prefix, id } = this.#client;
    this.#listening ??= this.#subscriber.subscribe(
      `${prefix}wake:${id}`,
      (queue) => this.#heard(queue),
    );
    try {
      await this.#listening;
    } catch (error) {
      this.#listening = undefined;
      throw error;
    }
  }

  /** Adds one that waits for work in these queues. */
  add(queues: readonly string[]): Waiter {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.set(resolve, new Set(queues.map(escapeLine)));
    return {
      woken: promise,
      wake: resolve,
      end: () => void this.#waiting.delete(resolve),
    };
  }

  /** Whether somebody here waits for one of these queues. */
  isAwaited(queues: readonly string[]): boolean {
    return [...this.#waiting.values()].some((waited) =>
      queues.some((queue) => waited.has(escapeLine(queue)))
    );
  }

  #heard(queue: string): void {
    let heard = false;
    for (const [wake, queues] of this.#waiting) {
      if (!queues.has(queue)) continue;
      heard = true;
      wake();
    }
    if (heard || !this.#client.isOpen) return;
    // Whoever waited does not any more: it is the turn of another store.
    this.#client.runAside(PASS_ON, [queue]);
  }

  #wakeAll(): void {
    for (const wake of this.#waiting.keys()) wake();
  }
}
