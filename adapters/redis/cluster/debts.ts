/**
 * What fired entries owe: messages that are noted in the step that moved the
 * entries on, published on the shards of their queues, and then struck out.
 * What a crash leaves is collected by who leads next.
 *
 * @module
 */

import type { Broker, Message } from "../../../src/contracts/mod.ts";
import type { Client } from "../client.ts";
import { shardOf } from "./shards.ts";

/** What is owed since when, and by whom. */
export interface Debt {
  readonly message: Message;
  /** The store that fired it. */
  readonly debtor: string;
  /** Epoch ms. */
  readonly since: number;
}

/** The debts of all stores, and those that this one is about to pay. */
export class Debts {
  readonly #client: Client;
  readonly #broker: Pick<Broker, "publish">;
  readonly #underWay = new Set<ReadonlySet<string>>();
  /** Published, but not struck out. */
  readonly #paid = new Set<string>();

  constructor(client: Client, broker: Pick<Broker, "publish">) {
    this.#client = client;
    this.#broker = broker;
  }

  /** A debt of this store as text. */
  write({ fresh: _, ...message }: Message): string {
    return `${this.#client.id}\n${JSON.stringify(message)}`;
  }

  /** Whether a debt is one of this store. */
  isOwn({ debtor }: Debt): boolean {
    return debtor === this.#client.id;
  }

  /** While this work is under way, these are not collected by this store. */
  async keep<T>(
    messages: readonly Message[],
    work: () => Promise<T>,
  ): Promise<T> {
    const ids = new Set(messages.map(({ id }) => id));
    this.#underWay.add(ids);
    try {
      return await work();
    } finally {
      this.#underWay.delete(ids);
    }
  }

  /** Publishes what is owed. A shard that fails does not hold the others up. */
  async pay(messages: readonly Message[]): Promise<void> {
    const parts = Map.groupBy(messages, ({ queue }) => shardOf(queue)).values();
    const all = await Promise.allSettled(
      [...parts].map((part) => this.#payPart(part)),
    );
    for (const one of all) if (one.status === "rejected") throw one.reason;
  }

  /** Pays the debts that are due and that nobody here is about to pay. */
  async collect(isDue: (debt: Debt) => boolean): Promise<void> {
    // What is done by the time of the answer was still owed before.
    const before = [...this.#underWay];
    const pairs = await this.#client.command("HGETALL", [this.#key]);
    const taken = [...before, ...this.#underWay];
    const isFree = ({ message }: Debt): boolean =>
      !taken.some((ids) => ids.has(message.id));
    const due = (pairs as string[])
      .filter((_, at) => at % 2 === 1)
      .map(readDebt)
      .filter((one) => one !== null)
      .filter((one) => isDue(one) && isFree(one))
      .map((one) => one.message);
    await this.keep(due, () => this.pay(due));
  }

  get #key(): string {
    return `${this.#client.prefix}beat-owed`;
  }

  async #payPart(messages: readonly Message[]): Promise<void> {
    const ids = messages.map(({ id }) => id);
    const unpaid = messages.filter(({ id }) => !this.#paid.has(id));
    if (unpaid.length > 0) {
      // Somebody else may have collected them meanwhile.
      await this.#broker.publish(
        unpaid.map((one) => ({ ...one, fresh: false })),
      );
    }
    for (const id of ids) this.#paid.add(id);
    await this.#client.command("HDEL", [this.#key, ...ids]);
    for (const id of ids) this.#paid.delete(id);
  }
}

/** The debt in a text; `null` for what somebody put there by hand. */
function readDebt(text: string): Debt | null {
  const [since = "", debtor = "", ...json] = text.split("\n");
  try {
    const message = JSON.parse(json.join("\n")) as Message;
    const { id, task, queue, body } = message;
    const isOne = [id, task, queue, body].every((one) =>
      typeof one === "string"
    );
    return isOne ? { message, debtor, since: Number(since) } : null;
  } catch {
    return null;
  }
}
