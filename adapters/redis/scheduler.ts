/**
 * The scheduler.
 *
 * @module
 */

import type {
  Candidate,
  Clock,
  Firing,
  Leadership,
  SchedulePage,
  SchedulePut,
  Scheduler,
  ScheduleRecord,
} from "../../src/contracts/mod.ts";
import type { Argument, Client } from "./client.ts";
import {
  type FiringStep,
  moveArguments,
  putArguments,
  stepsOf,
  type StoredEntries,
  unpackEntries,
} from "./entries.ts";
import { checkNames } from "./format.ts";
import { answers, messageArguments } from "./messages.ts";
import { FETCH, FIRE, LIST, PUT, REMOVE } from "./scripts/entries.ts";
import { LEAD, LEADER, RESIGN } from "./scripts/lead.ts";
import type { Script } from "./scripts/script.ts";

/** How many entries one call reads, so that others get a turn. */
const FETCH_STEP = 2_000;

/** Schedule entries and their leader in Redis. */
export class RedisScheduler implements Scheduler {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #given: Clock | null;

  /**
   * @param clock by which it is told whether messages wait for their etas
   * @param given by which leases end; `null` is the server's time
   */
  constructor(client: Client, clock: Clock, given: Clock | null) {
    this.#client = client;
    this.#clock = clock;
    this.#given = given;
  }

  async put(
    batch: readonly SchedulePut[],
  ): Promise<readonly (number | null)[]> {
    if (batch.length === 0) return [];
    const answer = await this.#client.once(PUT, putArguments(batch));
    const [revision, refused = ""] = answer.split(" ");
    return answers(batch.length, refused)
      .map((written) => written ? Number(revision) : null);
  }

  async remove(names: readonly string[]): Promise<readonly boolean[]> {
    if (names.length === 0) return [];
    const missing = await this.#client.once(REMOVE, names);
    return answers(names.length, missing);
  }

  async fetch(
    names: readonly string[],
  ): Promise<readonly (ScheduleRecord | null)[]> {
    const parts: Promise<(ScheduleRecord | null)[]>[] = [];
    for (let at = 0; at < names.length; at += FETCH_STEP) {
      parts.push(this.#fetch(names.slice(at, at + FETCH_STEP)));
    }
    return (await Promise.all(parts)).flat();
  }

  async list(after: string | null, limit: number): Promise<SchedulePage> {
    const from = after === null ? "-" : `(${after}`;
    const [more, names, ...found] = await this.#client.run(LIST, [
      from,
      limit,
    ]) as [number, string[], ...StoredEntries];
    return {
      records: unpackEntries(names, found).filter((one) => one !== null),
      next: more === 1 ? names.at(-1) ?? null : null,
    };
  }

  async fire(batch: readonly Firing[]): Promise<readonly boolean[]> {
    for (const { messages } of batch) messages.forEach(checkNames);
    const fired = stepsOf(batch).map((step) => this.#fire(step));
    return (await Promise.all(fired)).flat();
  }

  async lead({ id, name, lease }: Candidate): Promise<Leadership> {
    return await this.#ask(LEAD, [id, name, lease]);
  }

  async resign(id: string): Promise<void> {
    await this.#client.run(RESIGN, [id]);
  }

  async leader(): Promise<Leadership> {
    return await this.#ask(LEADER, []);
  }

  async #fetch(
    names: readonly string[],
  ): Promise<(ScheduleRecord | null)[]> {
    const found = await this.#client.run(FETCH, names);
    return unpackEntries(names, found as StoredEntries);
  }

  async #fire({ firings, messages, owners }: FiringStep): Promise<boolean[]> {
    const args = moveArguments(firings);
    const now = this.#clock.now();
    for (const arg of messageArguments(messages, now, owners)) args.push(arg);
    return answers(firings.length, await this.#client.once(FIRE, args));
  }

  async #ask(script: Script, args: readonly Argument[]): Promise<Leadership> {
    const given = this.#given?.now() ?? "";
    const [id = "", name = "", until, now, revision] = await this.#client
      .run(script, [given, ...args]) as string[];
    return {
      id: id === "" ? null : id,
      name,
      until: Number(until),
      now: Number(now),
      revision: Number(revision),
    };
  }
}
