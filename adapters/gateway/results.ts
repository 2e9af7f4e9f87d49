/**
 * Results, through a gateway. Of tasks that were looked for and have not
 * ended, it hears by a call that waits.
 *
 * @module
 */

import type {
  EndedListener,
  ResultBackend,
  ResultRecord,
} from "../../src/contracts/mod.ts";
import type { Client } from "./client.ts";
import { LONGEST_WAIT, MOST_ITEMS } from "./protocol.ts";
import { refuseAll } from "./refuse_all.ts";

const REFUSED = {
  store: true,
  query: true,
  countByState: true,
  expire: true,
  openGroups: true,
  endMembers: true,
} as const;

/** Pauses between calls that fail (ms). */
const PAUSE = 1_000;
/** What nobody has looked for since is not waited for any longer (ms). */
const INTEREST = 120_000;

/** Fetches results and waits for them. */
export class GatewayResults
  implements Pick<ResultBackend, "fetch" | "subscribe" | "forget"> {
  readonly #client: Client;
  readonly #listeners = new Set<EndedListener>();
  /** When each was looked for last. */
  readonly #awaited = new Map<string, number>();
  #waiting: AbortController | null = null;

  /** Nobody waits yet. */
  constructor(client: Client) {
    this.#client = client;
  }

  /** The whole port. */
  get port(): ResultBackend {
    return {
      ...refuseAll<ResultBackend, keyof typeof REFUSED>(REFUSED),
      fetch: (ids) => this.fetch(ids),
      subscribe: (listener) => this.subscribe(listener),
      forget: (ids) => this.forget(ids),
    };
  }

  /** {@linkcode ResultBackend.fetch} */
  async fetch(
    ids: readonly string[],
  ): Promise<readonly (ResultRecord | undefined)[]> {
    const { records } = await this.#client.call("fetch", { ids });
    const now = Date.now();
    let isNew = false;
    for (const [index, id] of ids.entries()) {
      if (records[index]?.ended === true) this.#awaited.delete(id);
      else {
        isNew ||= !this.#awaited.has(id);
        this.#awaited.set(id, now);
      }
    }
    // The call that waits for the others must hear of these as well.
    if (isNew) this.#wait();
    return records.map((record) => record ?? undefined);
  }

  /** {@linkcode ResultBackend.subscribe} */
  subscribe(listener: EndedListener): Promise<() => void> {
    this.#listeners.add(listener);
    this.#wait();
    return Promise.resolve(() => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.close();
    });
  }

  /** {@linkcode ResultBackend.forget} */
  async forget(ids: readonly string[]): Promise<void> {
    await this.#client.call("forget", { ids });
  }

  /** Waits no more. */
  close(): void {
    this.#waiting?.abort();
    this.#waiting = null;
    this.#awaited.clear();
  }

  /** Waits for what is awaited now, in place of what was before. */
  #wait(): void {
    this.#waiting?.abort();
    this.#waiting = null;
    if (this.#listeners.size === 0 || this.#awaited.size === 0) return;
    const controller = this.#waiting = new AbortController();
    void this.#listen(controller.signal);
  }

  async #listen(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.#dropStale()) {
      try {
        const ids = [...this.#awaited.keys()].slice(0, MOST_ITEMS);
        const { ended } = await this.#client.call(
          "wait",
          { ids, ms: LONGEST_WAIT },
          { signal, patience: LONGEST_WAIT },
        );
        if (ended.length === 0) continue;
        for (const id of ended) this.#awaited.delete(id);
        for (const listener of this.#listeners) listener(ended);
      } catch {
        if (signal.aborted) return;
        // Whoever waits looks by himself now and then; so does this.
        await pause(PAUSE, signal);
      }
    }
  }

  /** @returns whether anything is left */
  #dropStale(): boolean {
    const until = Date.now() - INTEREST;
    for (const [id, at] of this.#awaited) {
      if (at < until) this.#awaited.delete(id);
    }
    return this.#awaited.size > 0;
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    }, { once: true });
  });
}
