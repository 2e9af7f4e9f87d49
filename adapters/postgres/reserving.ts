/**
 * How a consumer comes to its deliveries: it looks, and if there is nothing,
 * waits for a signal or for the next time to come.
 *
 * @module
 */

import type {
  Clock,
  Delivery,
  ReserveRequest,
} from "../../src/contracts/mod.ts";
import type { Client, Param } from "./client.ts";
import type { Consumers } from "./consumers.ts";
import { BOTTOM, type Floors } from "./floors.ts";
import {
  lastInTurn,
  readReservation,
  type Reservation,
  type ReserveSql,
  reserveSql,
} from "./reserve.ts";
import type { Signals, Wait } from "./signals.ts";
import { numberArray, textArray, textIn, whole } from "./text.ts";

/** No timer is longer: an eta may be further off than timers can count. */
const LONGEST_TIMER = 3_600_000;
/** For how long a lease may come to light that nobody was told of, in ms. */
const DOUBT = 600_000;

/** A lease that may have been taken by a statement whose answer was lost. */
interface Doubt {
  readonly token: number;
  readonly until: number;
}

/** Takes leases. */
export class Reserving {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #signals: Signals;
  readonly #consumers: Consumers;
  readonly #sql: ReserveSql;
  readonly #floors: Floors;
  readonly #doubts = new Map<string, Doubt[]>();
  #lastServed: string | undefined;
  /**
   * Fences leases together with the consumer, which is one per start of a
   * worker; from a random start all the same, for ids that are not.
   */
  #token = Math.floor(Math.random() * 2 ** 46);

  constructor(
    client: Client,
    clock: Clock,
    signals: Signals,
    consumers: Consumers,
    floors: Floors,
    s: string,
  ) {
    this.#client = client;
    this.#clock = clock;
    this.#signals = signals;
    this.#consumers = consumers;
    this.#floors = floors;
    this.#sql = reserveSql(s);
  }

  /** Leases what is due, and waits for it if asked to. */
  async reserve(request: ReserveRequest): Promise<readonly Delivery[]> {
    const { queues, wait, signal } = request;
    while (!signal.aborted && !this.#client.closed.aborted) {
      // Before looking, so that no signal is missed in between.
      const waiting = wait ? this.#signals.wait(queues) : undefined;
      try {
        const { deliveries, nextDue } = await this.#look(request);
        if (deliveries.length > 0 || waiting === undefined) return deliveries;
        await this.#workOrEnd(waiting, nextDue, signal);
      } catch (error) {
        if (this.#client.closed.aborted) return [];
        throw error;
      } finally {
        waiting?.end();
      }
    }
    return [];
  }

  /** Puts back what a lost answer may have leased to a consumer. */
  async releaseDoubtful(consumer: string): Promise<void> {
    const doubts = this.#doubts.get(consumer);
    if (doubts === undefined) return;
    const tokens = doubts.map((doubt) => doubt.token);
    await this.#consumers.release(consumer, tokens);
    // The statement may still be under way, on a connection that was given up.
    const now = performance.now();
    const left = doubts.filter((doubt) => doubt.until > now);
    if (left.length > 0) this.#doubts.set(consumer, left);
    else this.#doubts.delete(consumer);
  }

  /** A consumer has left. */
  forget(consumer: string): void {
    this.#doubts.delete(consumer);
  }

  async #look(request: ReserveRequest): Promise<Reservation> {
    const turn = this.#inTurn(request.queues);
    let met = await this.#lookOnce(request, turn, this.#floors.areTrusted);
    if (met.deliveries.length === 0 && !this.#floors.areTrusted) {
      met = await this.#lookOnce(request, turn, false);
    }
    if (met.deliveries.length > 0) {
      this.#signals.found();
      this.#floors.took(met.taken);
      this.#lastServed = lastInTurn(turn, met.deliveries, request.limit) ??
        this.#lastServed;
    }
    return met;
  }

  /** Looks from the floors, or from the head. */
  async #lookOnce(
    request: ReserveRequest,
    turn: readonly string[],
    fromFloors: boolean,
  ): Promise<Reservation> {
    const start = performance.now();
    const startedAt = this.#clock.now();
    let met = await this.#lease(request, turn, fromFloors);
    if (met.nextDue === null || met.nextDue > startedAt) {
      this.#floors.nothingDue(served(turn, met), startedAt);
    }
    this.#floors.forget(met.paused);
    // What has come due goes first into its place among the others.
    for (
      let now = this.#clock.now();
      met.deliveries.length === 0 && met.nextDue !== null && met.nextDue <= now;
      now = this.#clock.now()
    ) {
      // Anew each time: what is due may be so in a queue resumed just now.
      const queues = textArray(served([...new Set(request.queues)], met));
      await this.#client.run(this.#sql.promote, [queues, now]);
      met = await this.#lease(request, turn, fromFloors, true);
      this.#floors.forget(met.paused);
      if (request.signal.aborted) break;
    }
    if (!fromFloors) {
      this.#floors.looked(performance.now() - start);
    }
    return met;
  }

  async #lease(
    { consumer, limit }: ReserveRequest,
    turn: readonly string[],
    fromFloors: boolean,
    regardless = false,
  ): Promise<Reservation> {
    const now = whole(this.#clock.now());
    // What comes due during all this waits for the next reservation.
    const nothingDueAt = regardless ? String(BOTTOM) : now;
    const floors = fromFloors ? this.#floorParams(turn) : [];
    const doubtful: number[] = [];
    let token = ++this.#token;
    const params = () => [
      ...[textArray(turn), limit, now, textIn(consumer), token, nothingDueAt],
      ...floors,
    ];
    try {
      const sql = this.#text(turn.length === 1, fromFloors);
      const rows = await this.#client.run(sql, params, {
        onRetry: () => {
          doubtful.push(token);
          token = ++this.#token;
        },
      });
      return readReservation(rows, token);
    } catch (error) {
      doubtful.push(token);
      throw error;
    } finally {
      if (doubtful.length > 0) this.#doubt(consumer, doubtful);
    }
  }

  #text(fromOne: boolean, fromFloors: boolean): string {
    const sql = this.#sql;
    if (fromFloors) return fromOne ? sql.fromOneFloor : sql.fromSeveralFloors;
    return fromOne ? sql.fromOne : sql.fromSeveral;
  }

  #floorParams(queues: readonly string[]): Param[] {
    const lines = this.#floors.lines(queues);
    return [
      textArray(lines.queues),
      numberArray(lines.priorities),
      numberArray(lines.floors),
      numberArray(this.#floors.dues(queues)),
    ];
  }

  #doubt(consumer: string, tokens: readonly number[]): void {
    const until = performance.now() + DOUBT;
    const doubts = this.#doubts.get(consumer) ?? [];
    this.#doubts.set(consumer, [
      ...doubts,
      ...tokens.map((token) => ({ token, until })),
    ]);
    this.releaseDoubtful(consumer).catch(() => {
      // The next heartbeat tries again.
    });
  }

  /** The queues in turn, beginning after the one that was served last. */
  #inTurn(queues: readonly string[]): string[] {
    const unique = [...new Set(queues)];
    const start = unique.indexOf(this.#lastServed ?? "") + 1;
    return [...unique.slice(start), ...unique.slice(0, start)];
  }

  async #workOrEnd(
    { woken, wake }: Wait,
    nextDue: number | null,
    signal: AbortSignal,
  ): Promise<void> {
    const { closed } = this.#client;
    let stopTimer: (() => void) | undefined;
    signal.addEventListener("abort", wake);
    closed.addEventListener("abort", wake);
    try {
      if (signal.aborted || closed.aborted) return;
      if (nextDue !== null) {
        const ms = Math.max(0, nextDue - this.#clock.now());
        stopTimer = this.#clock.timer(Math.min(LONGEST_TIMER, ms), wake);
      }
      await woken;
    } finally {
      stopTimer?.();
      signal.removeEventListener("abort", wake);
      closed.removeEventListener("abort", wake);
    }
  }
}

/** What is left of these queues without those that are paused. */
function served(
  queues: readonly string[],
  { paused }: Reservation,
): readonly string[] {
  if (paused.length === 0) return queues;
  const names = new Set(paused);
  return queues.filter((queue) => !names.has(queue));
}
