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
import { Doubts } from "../_lease/doubts.ts";
import { further } from "../_lease/further.ts";
import type { Agenda } from "./agenda.ts";
import type { Client, Param, Row } from "./client.ts";
import type { Consumers } from "./consumers.ts";
import { BOTTOM, type Floors } from "./floors.ts";
import { type Limited, NOTHING, readLimited, takeSql } from "./limited.ts";
import {
  lastInTurn,
  readReservation,
  type Reservation,
  type ReserveSql,
  reserveSql,
} from "./reserve.ts";
import { LIMITS_MARK } from "./limits_mark.ts";
import type { Parts } from "./parts.ts";
import type { Signals, Wait } from "./signals.ts";
import { numberArray, textArray, textIn, whole } from "./text.ts";

/** No timer is longer: an eta may be further off than timers can count. */
const LONGEST_TIMER = 3_600_000;
/** For how long leases may come to light that nobody was told of, in ms. */
const DOUBT = { span: 600_000, most: 2_000 };

/** Takes leases. */
export class Reserving {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #given: Clock | null;
  readonly #signals: Signals;
  readonly #consumers: Consumers;
  readonly #sql: ReserveSql;
  readonly #take: string;
  readonly #floors: Floors;
  readonly #agenda: Agenda;
  readonly #doubts = new Doubts(DOUBT);
  #lastServed: string | undefined;
  /**
   * Fences leases together with the consumer, which is one per start of a
   * worker; from a random start all the same, for ids that are not. The odd
   * ones are for messages with terms.
   */
  #token = 2 * Math.floor(Math.random() * 2 ** 46);

  constructor(parts: Parts, consumers: Consumers, s: string) {
    const { client, clock, given, signals, floors, agenda } = parts;
    this.#client = client;
    this.#clock = clock;
    this.#given = given;
    this.#signals = signals;
    this.#consumers = consumers;
    this.#floors = floors;
    this.#agenda = agenda;
    this.#sql = reserveSql(s);
    this.#take = takeSql(s);
  }

  /** Leases what is due, and waits for it if asked to. */
  async reserve(request: ReserveRequest): Promise<readonly Delivery[]> {
    const { queues, wait, signal, limited } = request;
    const topics = limited === 0 ? queues : [...queues, LIMITS_MARK];
    while (!signal.aborted && !this.#client.closed.aborted) {
      // Before looking, so that no signal is missed in between.
      const waiting = wait ? this.#signals.wait(topics) : undefined;
      try {
        const { deliveries, nextDue } = await this.#look(request);
        if (deliveries.length > 0 || waiting === undefined) return deliveries;
        await this.#workOrEnd(waiting, nextDue, signal);
      } catch (error) {
        if (this.#client.closed.aborted || signal.aborted) return [];
        throw error;
      } finally {
        waiting?.end();
      }
    }
    return [];
  }

  /** Puts back what a lost answer may have leased to a consumer. */
  async releaseDoubtful(consumer: string): Promise<void> {
    const tokens = this.#doubts.of(consumer);
    if (tokens.length === 0) return;
    await this.#consumers.release(consumer, tokens, this.#clock.now());
  }

  /** A consumer has left. */
  forget(consumer: string): void {
    this.#doubts.forget(consumer);
  }

  /** Looks for what limits may hold back, if there may be some, and the rest. */
  async #look(request: ReserveRequest): Promise<Found> {
    const { limit } = request;
    const most = Math.min(limit, request.limited ?? limit);
    const turn = this.#inTurn(request.queues);
    const ask = (asked: number, most: number, fair: boolean) =>
      this.#takeLimited(request, turn, { asked, most, fair });
    const isDue = () => this.#agenda.isDue(this.#clock.now());
    const first = most > 0 && isDue() ? await ask(limit, most, true) : NOTHING;
    const rest = limit - first.deliveries.length;
    const met = rest > 0
      ? await further(
        request,
        first.deliveries.length,
        () => this.#lookForPlain({ ...request, limit: rest }, turn),
        null,
      )
      : null;
    const room = rest - (met?.deliveries.length ?? 0);
    const left = Math.min(room, most - first.deliveries.length);
    const again = first.left || isDue() ||
      (met?.limits === true && first === NOTHING && !this.#signals.areHeard);
    const second = left > 0 && again
      ? await further(
        request,
        limit - room,
        () => ask(room, left, false),
        NOTHING,
      )
      : NOTHING;
    if (!this.#signals.areHeard && this.#agenda.isStale) this.#agenda.suspect();
    const limited = [...inPlaces(first), ...inPlaces(second)];
    const deliveries = limited.length === 0
      ? met?.deliveries ?? []
      : inOrder(limited, met);
    if (deliveries.length > 0) {
      this.#signals.found();
      this.#lastServed = lastInTurn(turn, deliveries, limit) ??
        this.#lastServed;
    }
    const nextDue = met?.nextDue ?? null;
    const nextAt = most > 0 ? this.#nextRoom() : null;
    return { deliveries, nextDue: earlier(nextDue, nextAt) };
  }

  /** When to look for what limits hold back. */
  #nextRoom(): number | null {
    const now = this.#clock.now();
    return this.#agenda.isDue(now) ? now : this.#agenda.nextAt;
  }

  async #takeLimited(
    request: ReserveRequest,
    turn: readonly string[],
    { asked, most, fair }: { asked: number; most: number; fair: boolean },
  ): Promise<Limited> {
    const queues = textArray(turn);
    this.#agenda.look();
    let sent = 0;
    try {
      const { rows, token } = await this.#run(this.#take, request, (token) => {
        sent = this.#clock.now();
        return [
          ...[queues, asked, most, fair ? 1 : 0, textIn(request.consumer)],
          ...[token + 1, whole(sent), this.#given && whole(sent)],
        ];
      });
      const from = this.#given === null ? this.#clock.now() : sent;
      const limited = readLimited(rows, token, from);
      this.#agenda.looked(limited);
      return limited;
    } catch (error) {
      this.#agenda.hear();
      throw error;
    }
  }

  async #lookForPlain(
    request: ReserveRequest,
    turn: readonly string[],
  ): Promise<Reservation> {
    let met = await this.#lookOnce(request, turn, this.#floors.areTrusted);
    if (met.deliveries.length === 0 && !this.#floors.areTrusted) {
      met = await this.#lookOnce(request, turn, false);
    }
    if (met.deliveries.length > 0) this.#floors.took(met.taken);
    this.#agenda.isInUse(met.limits);
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
      this.#agenda.suspect();
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
    request: ReserveRequest,
    turn: readonly string[],
    fromFloors: boolean,
    regardless = false,
  ): Promise<Reservation> {
    const { consumer, limit } = request;
    const now = whole(this.#clock.now());
    // What comes due during all this waits for the next reservation.
    const nothingDueAt = regardless ? String(BOTTOM) : now;
    const floors = fromFloors ? this.#floorParams(turn) : [];
    const queues = textArray(turn);
    const sql = this.#text(turn.length === 1, fromFloors);
    const { rows, token } = await this.#run(sql, request, (token) => [
      ...[queues, limit, now, textIn(consumer), token, nothingDueAt],
      ...floors,
    ]);
    return readReservation(rows, token);
  }

  /** Runs a statement that leases, each time with another token. */
  async #run(
    sql: string,
    { consumer, signal }: ReserveRequest,
    params: (token: number) => Param[],
  ): Promise<{ readonly rows: readonly Row[]; readonly token: number }> {
    const doubtful: number[] = [];
    let token = this.#token += 2;
    try {
      const rows = await this.#client.run(sql, () => params(token), {
        signal,
        onRetry: () => {
          doubtful.push(token, token + 1);
          token = this.#token += 2;
        },
      });
      return { rows, token };
    } catch (error) {
      doubtful.push(token, token + 1);
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
    this.#doubts.add(consumer, ...tokens);
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

/** What a look has found. */
interface Found {
  readonly deliveries: readonly Delivery[];
  /** When to look again. */
  readonly nextDue: number | null;
}

type Placed = readonly [Delivery, number];

function inPlaces({ deliveries, places }: Limited): Placed[] {
  return deliveries.map((one, at) => [one, places[at] ?? 0]);
}

/** By priority, then in the order of arrival. */
function inOrder(
  limited: readonly Placed[],
  met: Reservation | null,
): Delivery[] {
  const plain =
    met?.deliveries.map((one, at): Placed => [one, met.taken[at]?.seq ?? 0]) ??
      [];
  return [...limited, ...plain]
    .sort(([a, x], [b, y]) => a.priority - b.priority || x - y)
    .map(([delivery]) => delivery);
}

function earlier(a: number | null, b: number | null): number | null {
  return a === null || b === null ? a ?? b : Math.min(a, b);
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
