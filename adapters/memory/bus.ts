/**
 * The bus in memory.
 *
 * @module
 */

import type { Bus, BusListener } from "../../src/contracts/mod.ts";
import type { MemoryState } from "./state.ts";

/** Broadcast among the stores that share a state. */
export class MemoryBus implements Bus {
  readonly #state: MemoryState;
  readonly #endings = new Set<() => void>();

  constructor(state: MemoryState) {
    this.#state = state;
  }

  broadcast(topic: string, payload: string): Promise<void> {
    // In a task of its own, as with any store: no listener runs inside the
    // call of the sender.
    queueMicrotask(() => {
      const listeners = this.#state.busListeners.get(topic) ?? [];
      for (const listener of listeners) listener(payload);
    });
    return Promise.resolve();
  }

  subscribe(topic: string, listener: BusListener): Promise<() => void> {
    const { busListeners } = this.#state;
    const own: BusListener = (payload) => listener(payload);
    const listeners = busListeners.get(topic) ?? new Set();
    busListeners.set(topic, listeners.add(own));
    const end = () => {
      this.#endings.delete(end);
      listeners.delete(own);
      if (listeners.size === 0 && busListeners.get(topic) === listeners) {
        busListeners.delete(topic);
      }
    };
    this.#endings.add(end);
    return Promise.resolve(end);
  }

  /** Ends the subscriptions of this store. */
  close(): void {
    for (const end of [...this.#endings]) end();
  }
}
