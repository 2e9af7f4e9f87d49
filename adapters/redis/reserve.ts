/**
 * Reservations, and how those are made good whose answers were lost.
 *
 * @module
 */

import type {
  Clock,
  Delivery,
  ReserveRequest,
} from "../../src/contracts/mod.ts";
import { Doubts } from "../_lease/doubts.ts";
import type { Argument, Client } from "./client.ts";
import { explain, isPassing } from "./errors.ts";
import { escapeLine, unpackMessage } from "./format.ts";
import { PlainLeases } from "./plain_leases.ts";
import { HEARTBEAT } from "./scripts/consumers.ts";
import { RESERVE } from "./scripts/reserve.ts";

/** How long a consumer that never sent a heartbeat may be silent, in ms. */
const UNREGISTERED_LEASE = 60_000;
/** The pauses between two tries, in ms. */
const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 500;
/** So long may a lost call still be carried out, in ms; and so many. */
const DOUBT = { span: 120_000, most: 100 };

/** What a reservation found. */
export interface Found {
  readonly deliveries: readonly Delivery[];
  /** When the next message may come by time, if there was nothing. */
  readonly nextDue: number | null;
}

type Reply =
  | readonly [string]
  | readonly [
    last: string,
    ids: readonly string[],
    entries: readonly string[],
    queues: string | readonly string[],
    losses: readonly (string | null)[] | null,
    cancelled: readonly (string | null)[] | null,
  ];

/** Takes messages for the consumers of one store. */
export class Reserver {
  /** Which of its leases are of messages without limits and keys. */
  readonly plain: PlainLeases = new PlainLeases();
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #given: Clock | null;
  readonly #patience: number;
  readonly #doubts = new Doubts(DOUBT);
  #lastServed = "";
  /**
   * Fences leases together with the consumer, which is one per start of a
   * worker; from a random start all the same, for ids that are not.
   */
  #token = Math.floor(Math.random() * 2 ** 46);

  constructor(
    client: Client,
    clock: Clock,
    given: Clock | null,
    patience: number,
  ) {
    this.#client = client;
    this.#clock = clock;
    this.#given = given;
    this.#patience = patience;
  }

  /**
   * Takes what there is. Once nobody waits for it any more, it is not tried
   * again.
   *
   * @param idle whether this store is noted among the idle if there is
   * nothing, and whether it is to be struck from there first
   */
  async take(
    request: ReserveRequest,
    { waiter, leaves } = { waiter: false, leaves: false },
  ): Promise<Found> {
    const { consumer, signal } = request;
    const end = performance.now() + this.#patience;
    for (let failures = 0;; failures++) {
      let token: number | undefined;
      try {
        if (failures > 0) await this.#resolve(consumer);
        token = ++this.#token;
        const args = this.#arguments(request, token, waiter, leaves);
        const reply = await this.#client.tryOnce(RESERVE, args) as Reply;
        return this.#found(reply, token);
      } catch (error) {
        const isLost = isPassing(error);
        if (isLost && token !== undefined) this.#doubts.add(consumer, token);
        if (!isLost || performance.now() >= end) {
          throw explain(error, this.#client.address);
        }
        const ms = Math.min(FIRST_PAUSE * 2 ** failures, LONGEST_PAUSE);
        await this.#client.pause(ms, signal);
        if (signal.aborted) return { deliveries: [], nextDue: null };
      }
    }
  }

  /** The tokens whose messages are to go back, for a heartbeat. */
  doubts(consumer: string): readonly number[] {
    return this.#doubts.of(consumer);
  }

  async #resolve(consumer: string): Promise<void> {
    const tokens = this.doubts(consumer);
    const args = [escapeLine(consumer), this.#clock.now(), 0, "", ...tokens];
    await this.#client.tryOnce(HEARTBEAT, args);
  }

  #arguments(
    { consumer, queues, limit, limited = limit }: ReserveRequest,
    token: number,
    waiter: boolean,
    leaves: boolean,
  ): Argument[] {
    const now = this.#clock.now();
    const unique = [...new Set(queues)];
    // The turn begins after the queue that was served last.
    const first = (unique.indexOf(this.#lastServed) + 1) % unique.length;
    return [
      escapeLine(consumer),
      token,
      limit,
      now,
      now + UNREGISTERED_LEASE,
      waiter ? this.#client.id : "",
      leaves ? 1 : 0,
      Number.isNaN(first) ? 0 : first,
      limited,
      this.#given?.now() ?? "",
      ...unique.map(escapeLine),
    ];
  }

  #found(reply: Reply, token: number): Found {
    if (reply.length === 1) {
      const [due] = reply;
      return { deliveries: [], nextDue: due === "" ? null : Number(due) };
    }
    const [last, ids, entries, queues, losses, cancelled] = reply;
    this.#lastServed = last;
    const deliveries = ids.map((id, at): Delivery => {
      const queue = typeof queues === "string" ? queues : queues[at] ?? "";
      return {
        ...unpackMessage(id, entries[at] ?? "", queue),
        token,
        losses: Number(losses?.[at] ?? 0),
        cancelled: (cancelled?.[at] ?? null) !== null,
      };
    });
    this.plain.note(token, deliveries);
    return { deliveries, nextDue: null };
  }
}
