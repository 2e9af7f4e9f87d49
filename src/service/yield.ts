/**
 * Lets the event loop turn. A loop that only awaits what is ready already, as
 * with a store in the same process, would keep timers and sockets waiting.
 *
 * @module
 */

/** Not every runtime has it; its type is Node's. */
const { setImmediate } = globalThis as {
  setImmediate?: (callback: () => void) => unknown;
};

/** Resolves after the event loop has turned once. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    if (setImmediate === undefined) tellLater(resolve);
    else setImmediate(resolve);
  });
}

// A message is delivered in a turn of its own, and sooner than a timer.
function tellLater(resolve: () => void): void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    port2.close();
    resolve();
  };
  port2.postMessage(null);
}

/** Lets the event loop turn every so often, and costs nothing in between. */
export class Turns {
  readonly #interval: number;
  #last = performance.now();

  /** @param interval the longest time between turns, in ms */
  constructor(interval: number) {
    this.#interval = interval;
  }

  /** Whether a turn is due. */
  get due(): boolean {
    return performance.now() - this.#last >= this.#interval;
  }

  /** Takes a turn. */
  async take(): Promise<void> {
    await turn();
    this.#last = performance.now();
  }
}
