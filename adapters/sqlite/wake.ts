/**
 * Wake-ups between processes, without polling: whoever has committed what
 * others may wait for writes a byte into a file beside the database, and who
 * waits watches that file. A wake-up says only "look"; what there is to see
 * is in the database.
 *
 * The file is watched while somebody waits, and a little longer, since a
 * worker that is served will soon wait again. Should a wake-up get lost (a
 * file system without watching, a file that was deleted), a slow poll finds
 * out a second later.
 *
 * @module
 */

import { closeSync, type FSWatcher, openSync, watch, writeSync } from "node:fs";
import { clearTimeout, setTimeout } from "node:timers";
import type { Client } from "./client.ts";

/** How long the file stays watched when nobody waits any more, in ms. */
const LINGER = 5_000;
/** The time between two looks when wake-ups work, in ms; jittered. */
const SAFETY_POLL = 1_000;
/** The shortest and the longest time between two looks when they do not. */
const FAST_POLL = 2;
const SLOW_POLL = 50;

/**
 * The shortest time between two rings, in ms. The first of many goes at once,
 * the others join the next one.
 */
const RING_PAUSE = 1;

const BYTE = new Uint8Array([33]);

/** Rings others, and listens for them. */
export class Wake {
  readonly #client: Client;
  readonly #path: string;
  readonly #listeners = new Set<() => void>();
  #file: number | undefined;
  #watcher: FSWatcher | undefined;
  #poll: ReturnType<typeof setTimeout> | undefined;
  #linger: ReturnType<typeof setTimeout> | undefined;
  #nextRing: ReturnType<typeof setTimeout> | undefined;
  #lastRing = -Infinity;
  #pause = FAST_POLL;
  #closed = false;

  constructor(client: Client) {
    this.#client = client;
    this.#path = `${client.path}-wake`;
  }

  /** Wakes who waits in other processes. To be called after a commit. */
  ring(): void {
    if (this.#nextRing !== undefined || this.#closed) return;
    if (performance.now() - this.#lastRing >= RING_PAUSE) return this.#write();
    this.#nextRing = setTimeout(() => {
      this.#nextRing = undefined;
      this.#write();
    }, RING_PAUSE);
  }

  /**
   * Calls the listener when another process has committed something.
   *
   * @returns a function that ends this
   */
  listen(listener: () => void): () => void {
    // From now on: who listens looks for what was there before.
    if (this.#listeners.size === 0) this.#othersCommitted();
    this.#listeners.add(listener);
    clearTimeout(this.#linger);
    this.#watch();
    this.#schedulePoll();
    return () => this.#unlisten(listener);
  }

  /** Ends the watching and closes the file. */
  close(): void {
    this.#closed = true;
    this.#listeners.clear();
    if (this.#nextRing !== undefined) this.#write();
    clearTimeout(this.#nextRing);
    clearTimeout(this.#linger);
    clearTimeout(this.#poll);
    this.#unwatch();
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #unlisten(listener: () => void): void {
    this.#listeners.delete(listener);
    if (this.#listeners.size > 0 || this.#closed) return;
    clearTimeout(this.#poll);
    this.#poll = undefined;
    clearTimeout(this.#linger);
    this.#linger = setTimeout(() => this.#unwatch(), LINGER);
    this.#linger.unref();
  }

  #write(): void {
    this.#lastRing = performance.now();
    try {
      this.#file ??= openForRinging(this.#path);
      writeSync(this.#file, BYTE, 0, 1, 0);
    } catch {
      // Best effort: the others have their slow poll.
    }
  }

  #look(): void {
    if (this.#listeners.size === 0 || !this.#client.isOpen) return;
    // Also rung by this process itself: nothing to see there.
    if (!this.#othersCommitted()) return;
    this.#pause = FAST_POLL;
    for (const listener of [...this.#listeners]) listener();
  }

  #othersCommitted(): boolean {
    try {
      return this.#client.othersCommitted();
    } catch {
      return true;
    }
  }

  #watch(): void {
    if (this.#watcher !== undefined || this.#closed) return;
    try {
      this.#file ??= openForRinging(this.#path);
      const watcher = watch(this.#path, { persistent: false });
      watcher.unref();
      this.#watcher = watcher;
      watcher.on("change", (event) => {
        // Deno holds on to the process again with each event.
        queueMicrotask(() => watcher.unref());
        // Deleted or replaced: the file of this name is another one now.
        if (event === "rename") this.#startOver();
        this.#look();
      });
      watcher.on("error", () => this.#unwatch());
    } catch {
      this.#unwatch();
    }
  }

  #unwatch(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  #startOver(): void {
    this.#unwatch();
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
    if (this.#listeners.size > 0) this.#watch();
  }

  #schedulePoll(): void {
    if (this.#poll !== undefined || this.#closed) return;
    const pause = this.#watcher === undefined
      ? this.#pause
      : SAFETY_POLL * (0.8 + 0.4 * Math.random());
    this.#pause = Math.min(SLOW_POLL, this.#pause * 1.5);
    this.#poll = setTimeout(() => {
      this.#poll = undefined;
      this.#look();
      if (this.#listeners.size > 0) this.#schedulePoll();
    }, pause);
    this.#poll.unref();
  }
}

/** Opens the file for writing in place, and makes it if needed. */
function openForRinging(path: string): number {
  closeSync(openSync(path, "a"));
  return openSync(path, "r+");
}
