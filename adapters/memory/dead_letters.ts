/**
 * Dead letters in memory.
 *
 * @module
 */

import type {
  Clock,
  DeadLetter,
  DeadLetters,
  Page,
  PageRequest,
  SettleAction,
} from "../../src/contracts/mod.ts";
import { bare, type Entry } from "./entry.ts";
import { addMessage, removeMessage } from "./messages.ts";
import type { MemoryState } from "./state.ts";

/** Moves a message to the dead letters. */
export function buryMessage(
  state: MemoryState,
  entry: Entry,
  { reason, detail }: Extract<SettleAction, { kind: "dead" }>,
  diedAt: number,
): void {
  removeMessage(state, entry, diedAt);
  const seq = state.next();
  const key = String(seq);
  const { message, losses } = entry;
  const letter = { ...bare(message), key, reason, detail, losses, diedAt };
  state.dead.set(key, letter);
  state.deadLog.add(seq, letter);
}

/** Lists, redrives and purges the dead letters of a state. */
export class MemoryDeadLetters implements DeadLetters {
  readonly #state: MemoryState;
  readonly #clock: Clock;

  constructor(state: MemoryState, clock: Clock) {
    this.#state = state;
    this.#clock = clock;
  }

  list({ limit, cursor }: PageRequest): Promise<Page<DeadLetter>> {
    const items: DeadLetter[] = [];
    const from = cursor === undefined ? Infinity : Number(cursor);
    for (const [, letter] of this.#state.deadLog.before(from)) {
      items.push(letter);
      if (items.length >= limit) {
        return Promise.resolve({ items, cursor: letter.key });
      }
    }
    return Promise.resolve({ items, cursor: null });
  }

  redrive(keys: readonly string[] | null): Promise<number> {
    const now = this.#clock.now();
    let count = 0;
    for (const letter of this.#pick(keys)) {
      if (!addMessage(this.#state, bare(letter), now)) continue;
      this.#drop(letter);
      count++;
    }
    return Promise.resolve(count);
  }

  purge(keys: readonly string[] | null): Promise<number> {
    const letters = this.#pick(keys);
    for (const letter of letters) this.#drop(letter);
    return Promise.resolve(letters.length);
  }

  #pick(keys: readonly string[] | null): DeadLetter[] {
    const { dead } = this.#state;
    // In the order of dying, whatever the order of the request.
    const letters = keys === null
      ? dead.values()
      : new Set(keys.map((key) => dead.get(key)));
    return [...letters].filter((letter) => letter !== undefined)
      .sort((a, b) => Number(a.key) - Number(b.key));
  }

  #drop(letter: DeadLetter): void {
    this.#state.dead.delete(letter.key);
    this.#state.deadLog.remove(Number(letter.key));
  }
}
