/**
 * Keys that only one message has.
 *
 * @module
 */

import type { Message } from "../../src/contracts/mod.ts";
import { Heap } from "./heap.ts";

interface Holder {
  readonly key: string;
  readonly id: string;
  /** When the key is free; `null` is once the message is not live. */
  readonly until: number | null;
}

/** Who has which key. */
export class UniqueKeys {
  readonly #holders = new Map<string, Holder>();
  readonly #expiry = new Heap<Holder>((holder) =>
    this.#holders.get(holder.key) === holder
  );
  #order = 0;

  /** The id of the message that has a key. */
  holder(key: string, now: number): string | undefined {
    const holder = this.#holders.get(key);
    const isFree = holder === undefined ||
      (holder.until !== null && holder.until <= now);
    return isFree ? undefined : holder.id;
  }

  /** Whether a message may have its key. */
  isFree({ id, unique }: Message, now: number): boolean {
    if (unique === undefined) return true;
    return (this.holder(unique.key, now) ?? id) === id;
  }

  /** Gives a message that waits its key, unless another one has it. */
  claim(message: Message, now: number): void {
    const { id, unique } = message;
    if (unique === undefined || !this.isFree(message, now)) return;
    const { key, until } = unique;
    this.#sweep(now);
    if (until !== null && until <= now) return;
    const holder = { key, id, until };
    this.#holders.set(key, holder);
    if (until !== null) this.#expiry.push(until, ++this.#order, holder);
  }

  /** A message is leased. */
  lease(message: Message): void {
    if (message.unique?.waiting) this.release(message);
  }

  /** A message is not live any more, or becomes another one. */
  release({ id, unique }: Message): void {
    if (unique === undefined) return;
    const holder = this.#holders.get(unique.key);
    if (holder?.id !== id || holder.until !== null) return;
    this.#holders.delete(unique.key);
  }

  #sweep(now: number): void {
    for (
      let old = this.#expiry.pop(now);
      old !== undefined;
      old = this.#expiry.pop(now)
    ) {
      this.#holders.delete(old.key);
    }
  }
}
