/**
 * Orders to workers: Celery's `app.control`.
 *
 * @module
 */

import { ConfigError } from "../errors.ts";
import { type AutoscaleRange, checkRange } from "./autoscale.ts";
import type { CancelOutcome } from "../contracts/broker.ts";
import type { Internals } from "../internals.ts";
import { type Duration, parseDuration } from "../message/time.ts";
import {
  isDuration,
  isName,
  isRate,
  parseRate,
  type Rate,
  show,
} from "../options.ts";
import type { HeaderFilter } from "../producer/revocation.ts";
import { revoke, type RevokeOptions } from "../producer/revoke.ts";
import {
  revokeByHeaders,
  type RevokedTask,
} from "../producer/revoke_by_headers.ts";
import type { Done } from "./facts.ts";
import { Inspect } from "./inspect.ts";
import { type AskOptions, Remote } from "./remote.ts";
import type { Replies } from "./replies.ts";

/** Steers and questions running workers. */
export class Control {
  readonly #app: Internals;
  readonly #remote: Remote;

  /** Nothing is connected yet. */
  constructor(app: Internals) {
    this.#app = app;
    this.#remote = new Remote(app);
  }

  /** Questions to all workers, or to those that are named. */
  inspect(options: AskOptions = {}): Inspect {
    return new Inspect(this.#remote, options);
  }

  /** Who is there. */
  ping(options: AskOptions = {}): Promise<Replies<{ readonly ok: "pong" }>> {
    return this.inspect(options).ping();
  }

  /**
   * Revokes tasks, wherever they are: what waits is taken out, what runs is
   * asked to stop, or ended by force with `terminate`. It is stored, so it
   * holds whatever restarts.
   *
   * @returns for each what was met
   */
  revoke(
    ids: string | readonly string[],
    options: RevokeOptions = {},
  ): Promise<readonly CancelOutcome[]> {
    const all = typeof ids === "string" ? [ids] : ids;
    return revoke(this.#app, all, options);
  }

  /**
   * Revokes all tasks that wait or run now and were sent with these headers:
   * each that is named has this value, or one of these. A task that is sent
   * later with them runs.
   *
   * @returns what it met; tasks that run at most once (`acksLate: false`) are
   * stopped by their workers, and not among them
   * @throws {ConfigError} for no headers
   */
  revokeByHeaders(
    headers: HeaderFilter,
    options: RevokeOptions = {},
  ): Promise<readonly RevokedTask[]> {
    return revokeByHeaders(this.#app, headers, options);
  }

  /** The same as `revoke()` with `terminate`. */
  terminate(
    ids: string | readonly string[],
  ): Promise<readonly CancelOutcome[]> {
    return this.revoke(ids, { terminate: true });
  }

  /**
   * Sets the rate limit of a task in running workers, for each by itself;
   * `null` lifts it. It is that of the code again once they restart. A rate of
   * scope `"cluster"` stays as the code says, beside it.
   *
   * @throws {ConfigError} for what is no rate
   */
  rateLimit(
    task: string,
    rate: Rate | null,
    options: AskOptions = {},
  ): Promise<Replies<Done>> {
    checkName("task", task);
    const perSecond = rate === null || rate === 0 ? null : rateOf(rate);
    return this.#order("rateLimit", { task, rate: perSecond }, options);
  }

  /**
   * Sets the time limits of a task in running workers, for runs that begin
   * from now on; `null` lifts one, what is not given stays.
   *
   * @throws {ConfigError} for limits that will not do
   */
  timeLimit(
    task: string,
    limits: {
      readonly soft?: Duration | null | undefined;
      readonly hard?: Duration | null | undefined;
    },
    options: AskOptions = {},
  ): Promise<Replies<Done>> {
    checkName("task", task);
    const soft = limitOf("soft", limits.soft);
    const hard = limitOf("hard", limits.hard);
    checkLimits(soft, hard);
    // What is not given is left out of the JSON, and stays as it is.
    return this.#order("timeLimit", { task, soft, hard }, options);
  }

  /** Adds slots to pools. */
  poolGrow(n: number = 1, options: AskOptions = {}): Promise<Replies<Done>> {
    return this.#order("poolGrow", { n: checkCount(n) }, options);
  }

  /** Takes slots from pools; what runs in them comes to its end. */
  poolShrink(n: number = 1, options: AskOptions = {}): Promise<Replies<Done>> {
    return this.#order("poolShrink", { n: checkCount(n) }, options);
  }

  /**
   * Has pools follow the work from now on: they grow at once while tasks wait
   * for a slot, up to `max`, and shrink to `min` when slots were not needed
   * for half a minute. A fixed size again is `max` and `min` of the same.
   *
   * @throws {ConfigError} for numbers that will not do
   */
  autoscale(
    { max, min = 1 }: {
      readonly max: number;
      readonly min?: number | undefined;
    },
    options: AskOptions = {},
  ): Promise<Replies<Done>> {
    const range: AutoscaleRange = checkRange({ max, min });
    return this.#order("autoscale", { ...range }, options);
  }

  /**
   * Has pools replace their host processes, each after what it runs, so that
   * code is loaded anew. Workers with the async pool refuse.
   */
  poolRestart(options: AskOptions = {}): Promise<Replies<Done>> {
    return this.#order("poolRestart", {}, options);
  }

  /**
   * Pauses queues: no worker takes anything from them until they are resumed.
   * It is stored, so it holds whatever restarts. What workers hold goes on.
   *
   * @throws {StoreError} when the store does not answer
   */
  pause(queues: string | readonly string[]): Promise<void> {
    return this.#pause(queues, true);
  }

  /**
   * Resumes queues that were paused.
   *
   * @throws {StoreError} when the store does not answer
   */
  resume(queues: string | readonly string[]): Promise<void> {
    return this.#pause(queues, false);
  }

  /** Has workers serve one more queue. */
  addConsumer(
    queue: string,
    options: AskOptions = {},
  ): Promise<Replies<Done>> {
    checkName("queue", queue);
    return this.#order("addConsumer", { queue }, options);
  }

  /** Has workers serve a queue no more. */
  cancelConsumer(
    queue: string,
    options: AskOptions = {},
  ): Promise<Replies<Done>> {
    checkName("queue", queue);
    return this.#order("cancelConsumer", { queue }, options);
  }

  /** Has workers tell events also while nobody watches. */
  enableEvents(options: AskOptions = {}): Promise<Replies<Done>> {
    return this.#order("enableEvents", {}, options);
  }

  /** Has workers tell events only while somebody watches. */
  disableEvents(options: AskOptions = {}): Promise<Replies<Done>> {
    return this.#order("disableEvents", {}, options);
  }

  /**
   * Has workers tell now how they are doing: those who watch by the event
   * `worker-heartbeat`, and the store by a heartbeat.
   */
  heartbeat(options: AskOptions = {}): Promise<Replies<Done>> {
    return this.#order("heartbeat", {}, options);
  }

  /** Stops workers warmly. */
  shutdown(options: AskOptions = {}): Promise<Replies<Done>> {
    return this.#order("shutdown", {}, options);
  }

  async #pause(
    queues: string | readonly string[],
    paused: boolean,
  ): Promise<void> {
    const all = typeof queues === "string" ? [queues] : queues;
    for (const queue of all) checkName("queue", queue);
    if (all.length === 0) return;
    const { stores } = this.#app;
    const { broker } = stores.opened ?? await stores.open();
    await broker.broker.pause(all, paused);
  }

  #order(
    command: string,
    args: Readonly<Record<string, unknown>>,
    options: AskOptions,
  ): Promise<Replies<Done>> {
    return this.#remote.ask<Done>({ command, args }, options);
  }
}

function rateOf(rate: Rate): number {
  const wanted = isRate(rate);
  if (wanted === null) return parseRate(rate);
  throw new ConfigError(
    `The rate must be ${wanted}; or 0 for none; but it is ${show(rate)}`,
  );
}

/** A limit in ms; `null` for none, `undefined` where it is to stay. */
function limitOf(
  name: "soft" | "hard",
  given: Duration | null | undefined,
): number | null | undefined {
  if (given === undefined || given === null) return given;
  const wanted = isDuration(given);
  if (wanted === null) return parseDuration(given, name) || null;
  throw new ConfigError(
    `The ${name} limit must be ${wanted}, but it is ${show(given)}`,
  );
}

function checkLimits(
  soft: number | null | undefined,
  hard: number | null | undefined,
): void {
  if (soft === undefined && hard === undefined) {
    throw new ConfigError(
      "There is no limit to set: give a soft one, a hard one, or both",
    );
  }
  if (typeof soft !== "number" || typeof hard !== "number") return;
  if (soft < hard) return;
  throw new ConfigError(
    `The soft limit (${soft} ms) must be shorter than the hard one (${hard} ms), otherwise it never comes to bear`,
  );
}

function checkName(what: string, name: string): void {
  const wanted = isName(name);
  if (wanted === null) return;
  throw new ConfigError(
    `The ${what} must be ${wanted}, but it is ${show(name)}`,
  );
}

function checkCount(n: number): number {
  if (Number.isInteger(n) && n >= 1) return n;
  throw new ConfigError(
    `The number of slots must be a whole number of at least 1, but it is ${
      show(n)
    }`,
  );
}
