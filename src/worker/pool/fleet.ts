/**
 * The host processes of a pool: forked ahead, handed out seat by seat.
 *
 * @module
 */

import type { Clock } from "../../contracts/clock.ts";
import type { Host } from "./host.ts";
import type { Walls } from "./pool.ts";
import type { Seat } from "./seat.ts";
import { NO_WALLS, OWN_WALLS, wallsKey } from "./walls.ts";

/** What a {@linkcode HostFleet} needs. */
export interface FleetOptions {
  /** Forks a host. */
  readonly fork: (walls: Walls, onExit: (host: Host) => void) => Host;
  /** How many unused seats without walls of their own to hold ready. */
  readonly spareSeats: number;
  /** How many hosts with other walls may stay while nobody uses them. */
  readonly parkedHosts: number;
  /** Told of what goes wrong. */
  readonly onFault: (message: string) => void;
  /** Where time comes from. */
  readonly clock: Clock;
}

const FIRST_BACKOFF_MS = 100;
const LONGEST_BACKOFF_MS = 10_000;

/** Forks hosts, keeps spares and ends what is no longer used. */
export class HostFleet {
  readonly #options: FleetOptions;
  readonly #hosts = new Set<Host>();
  /** Hosts that were not wanted any more before they were ready. */
  readonly #unwanted = new WeakSet<Host>();
  #begun = false;
  #stopped = false;
  #failures = 0;
  #cancelBackoff: (() => void) | null = null;
  #backoff: Promise<void> | null = null;
  #extraSpares = 0;

  /** Makes a fleet without hosts. */
  constructor(options: FleetOptions) {
    this.#options = options;
  }

  /** The hosts that live. */
  get hosts(): ReadonlySet<Host> {
    return this.#hosts;
  }

  /** From now on spares are held ready and failing starts are repeated. */
  begin(): void {
    this.#begun = true;
    this.keepSpares();
  }

  /** Takes a seat that is ready now, if there is one. */
  takeReady(walls: string): Seat | undefined {
    for (const host of this.#hosts) {
      if (!host.isReady || host.condemned || host.walls !== walls) continue;
      const seat = host.take();
      if (seat === undefined) continue;
      this.keepSpares();
      return seat;
    }
    return undefined;
  }

  /**
   * Takes a seat, from a new host if need be.
   *
   * @throws if the host cannot start
   */
  async take(walls: Walls): Promise<Seat> {
    const key = wallsKey(walls);
    await this.#backoff;
    const ready = this.takeReady(key);
    if (ready !== undefined) return ready;
    const seat = this.#takeStarting(key) ?? this.#fork(walls).take();
    if (seat === undefined) throw new Error("A host has no seats");
    await seat.host.ready;
    this.keepSpares();
    return seat;
  }

  /** Forks spare hosts until enough seats are free. */
  keepSpares(): void {
    if (!this.#begun || this.#stopped || this.#backoff !== null) return;
    const wanted = this.#options.spareSeats + this.#extraSpares;
    let free = 0;
    for (const host of this.#hosts) {
      if (host.walls === OWN_WALLS && !host.condemned) free += host.free.length;
    }
    while (free < wanted) free += this.#fork(NO_WALLS).free.length;
  }

  /** Sets how many seats will be left soon, so that they are replaced ahead. */
  expectLeaving(seats: number): void {
    if (seats === this.#extraSpares) return;
    this.#extraSpares = seats;
    this.keepSpares();
  }

  /** Ends the hosts with other walls that have been unused the longest. */
  trimParked(): void {
    const parked = [...this.#hosts].filter((host) =>
      host.walls !== OWN_WALLS && !host.condemned && host.isReady &&
      host.isUnused
    );
    const surplus = parked.length - this.#options.parkedHosts;
    for (const host of parked.slice(0, Math.max(surplus, 0))) host.end();
  }

  /** Replaces every host, each once its seats are left. */
  replaceAll(): void {
    // Those that nobody uses first: who leaves a seat must not move to them.
    const hosts = [...this.#hosts].sort((a, b) =>
      Number(b.isUnused) - Number(a.isUnused)
    );
    for (const host of hosts) {
      if (!host.isReady) this.#unwanted.add(host);
      host.condemn();
    }
    this.keepSpares();
  }

  /** Ends all hosts and waits for that. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelBackoff?.();
    for (const host of this.#hosts) host.end();
    await Promise.all([...this.#hosts].map((host) => host.exited));
  }

  #takeStarting(walls: string): Seat | undefined {
    for (const host of this.#hosts) {
      if (host.condemned || host.walls !== walls) continue;
      const seat = host.take();
      if (seat !== undefined) return seat;
    }
    return undefined;
  }

  #fork(walls: Walls): Host {
    if (this.#stopped) throw new Error("The pool has stopped");
    const host = this.#options.fork(walls, (host) => {
      this.#hosts.delete(host);
      this.keepSpares();
    });
    this.#hosts.add(host);
    host.ready.then(
      () => this.#failures = 0,
      (error) => {
        if (!this.#unwanted.has(host)) this.#onStartFailed(walls, error);
      },
    );
    return host;
  }

  #onStartFailed(walls: Walls, error: Error): void {
    if (!this.#begun || this.#stopped) return;
    // A host with walls fails for its walls; its job is told.
    if (wallsKey(walls) !== OWN_WALLS) return;
    const wait = Math.min(
      FIRST_BACKOFF_MS * 2 ** this.#failures++,
      LONGEST_BACKOFF_MS,
    );
    this.#options.onFault(`${error.message}; trying again in ${wait} ms`);
    this.#backoff ??= new Promise((resolve) => {
      const end = () => {
        this.#backoff = null;
        resolve();
        this.keepSpares();
      };
      const cancel = this.#options.clock.timer(wait, end);
      this.#cancelBackoff = () => {
        cancel();
        end();
      };
    });
  }
}
