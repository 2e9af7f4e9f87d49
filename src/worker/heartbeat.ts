/**
 * Keeps the worker's leases by one write per interval, and hears of tasks
 * that were cancelled.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import type {
  Cancellation,
  ConsumerInfo,
  Delivery,
  HeartbeatReply,
} from "../contracts/broker.ts";
import type { Clock } from "../contracts/clock.ts";
import type { Store } from "../contracts/store.ts";
import {
  readRevocation,
  type Revocation,
  REVOKED_TOPIC,
} from "../producer/revocation.ts";
import type { Service } from "../service/service.ts";
import type { StoreLink } from "./store_link.ts";

const log = getLogger(["lovage", "worker"]);

/** What a heartbeat works with. */
export interface HeartbeatParts {
  /** Where the leases are. */
  readonly store: Store;
  /** Whether that answers. */
  readonly link: StoreLink;
  /** What the worker says about itself. */
  readonly info: () => ConsumerInfo;
  /** Told of cancelled tasks that the worker holds. */
  readonly cancel: (cancellations: readonly Cancellation[]) => void;
  /** Told of what was revoked that the store does not hold. */
  readonly revoked: (revocation: Revocation) => void;
  /** Told that its leases were lost: others have what it holds. */
  readonly lost: () => void;
  /** Where time comes from. */
  readonly clock: Clock;
}

// Two beats may be lost before a lease lapses.
const BEATS_PER_LEASE = 3;

/** Beats for one worker. */
export class Heartbeat implements Service {
  readonly name = "heartbeat";
  readonly #parts: HeartbeatParts;
  #cancelTimer: () => void = () => {};
  #unsubscribe: () => void = () => {};
  #beating: Promise<void> = Promise.resolve();
  // The one that waits for its turn.
  #next: Promise<void> | null = null;
  #stopped = false;
  // When the last one that the store took was sent, and until when it holds.
  #lastBeat = -Infinity;
  #holdsUntil = -Infinity;
  #losses = 0;

  /** It is silent before it is started. */
  constructor(parts: HeartbeatParts) {
    this.#parts = parts;
  }

  /** Registers the worker; resolves when the store knows it. */
  async start(): Promise<void> {
    const { store } = this.#parts;
    await this.#send();
    this.#unsubscribe = await store.bus.subscribe(REVOKED_TOPIC, (payload) => {
      this.#parts.revoked(readRevocation(payload));
      void this.beat();
    });
    this.#schedule();
  }

  /**
   * Whether it beat lately. After a pause of the whole process (or machine) it
   * did not: then others may not have either, and nobody is to be judged.
   */
  get isFresh(): boolean {
    return this.age <= this.#parts.info().lease / 2;
  }

  /** How long ago the last one was sent that the store took, in ms. */
  get age(): number {
    return this.#parts.clock.now() - this.#lastBeat;
  }

  /**
   * What of that which was just leased is still the worker's. When the last
   * heartbeat that the store took is older than the lease, since the process
   * was paused or the store away, only the store knows.
   */
  async held(deliveries: readonly Delivery[]): Promise<readonly Delivery[]> {
    if (this.holds) return deliveries;
    const before = this.#losses;
    await this.beat();
    if (this.#losses > before) return [];
    return this.holds ? deliveries : await this.#look(deliveries);
  }

  /** Whether what it has is the worker's for certain, without asking. */
  get holds(): boolean {
    return this.#parts.clock.now() <= this.#holdsUntil;
  }

  // A store that is full may take no heartbeats. It takes nothing back either,
  // as nobody may judge whose own heartbeats fail; and it can be asked.
  async #look(deliveries: readonly Delivery[]): Promise<readonly Delivery[]> {
    const { store, clock, info } = this.#parts;
    const { id, lease } = info();
    try {
      const askedAt = clock.now();
      const live = await store.inspector.find(deliveries.map(({ id }) => id));
      const held = deliveries.filter((_, at) => live[at]?.consumer === id);
      // So it is until the next heartbeat.
      if (held.length === deliveries.length) {
        this.#holdsUntil = askedAt + lease / BEATS_PER_LEASE;
      }
      return held;
    } catch {
      return [];
    }
  }

  /**
   * Beats now, or after the one that is under way. One that waits for its turn
   * is enough: while the store is away they would pile up, and whoever stops
   * would wait for all of them.
   */
  beat(): Promise<void> {
    return this.#next ??= this.#beating = this.#beating.then(() => {
      this.#next = null;
      return this.#beat();
    });
  }

  /** Falls silent. The leases are not given up by this. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTimer();
    this.#unsubscribe();
    await this.#beating;
  }

  #schedule(): void {
    if (this.#stopped) return;
    const { clock, info } = this.#parts;
    this.#cancelTimer = clock.timer(info().lease / BEATS_PER_LEASE, () => {
      void this.beat();
      this.#schedule();
    });
  }

  async #send(): Promise<HeartbeatReply> {
    const { store, clock, info } = this.#parts;
    const said = info();
    const sentAt = clock.now();
    const reply = await store.broker.heartbeat(said);
    this.#lastBeat = sentAt;
    this.#holdsUntil = sentAt + said.lease;
    return reply;
  }

  async #beat(): Promise<void> {
    if (this.#stopped) return;
    const { link, info, cancel, lost } = this.#parts;
    try {
      const { known, cancellations } = await this.#send();
      link.answered("heartbeats");
      if (!known) {
        this.#losses++;
        log.warn(
          "The worker was silent for longer than its lease of {lease} ms; other workers took its tasks over",
          { lease: info().lease },
        );
        lost();
      }
      if (cancellations.length > 0) cancel(cancellations);
    } catch (error) {
      link.failed("heartbeats", error, "The heartbeat failed");
    }
  }
}
