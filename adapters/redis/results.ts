/**
 * The result backend.
 *
 * @module
 */

import type {
  Clock,
  EndedListener,
  GroupEnd,
  GroupPlan,
  Message,
  Page,
  PageRequest,
  ResultBackend,
  ResultFilter,
  ResultRecord,
} from "../../src/contracts/mod.ts";
import type { Client } from "./client.ts";
import {
  checkNames,
  escapeLine,
  hashOf,
  unescapeLine,
  unpackRecord,
} from "./format.ts";
import { endArguments, planArguments, unpackBody } from "./groups.ts";
import { recordArguments } from "./messages.ts";
import { END_MEMBERS, EXPIRE_GROUPS, OPEN_GROUPS } from "./scripts/groups.ts";
import { EXPIRE, FORGET, QUERY, STORE } from "./scripts/results.ts";
import type { Script } from "./scripts/script.ts";
import type { Subscriber } from "./subscriber.ts";

/** How many records or groups one call of `expire` drops. */
const EXPIRE_STEP = 500;

/** Results in Redis. */
export class RedisResults implements ResultBackend {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #subscriber: Subscriber;
  readonly #listeners = new Set<EndedListener>();

  constructor(client: Client, clock: Clock, subscriber: Subscriber) {
    this.#client = client;
    this.#clock = clock;
    this.#subscriber = subscriber;
    subscriber.onGap(() => {
      for (const listener of [...this.#listeners]) listener("unknown");
    });
  }

  async store(batch: readonly ResultRecord[]): Promise<void> {
    if (batch.length === 0) return;
    await this.#client.once(STORE, recordArguments(latestOf(batch)));
  }

  async fetch(
    ids: readonly string[],
  ): Promise<readonly (ResultRecord | undefined)[]> {
    if (ids.length === 0) return [];
    const lines = ids.map(escapeLine);
    const parts = Map.groupBy(lines, hashOf);
    const found = new Map<string, string | null>();
    await Promise.all([...parts].map(async ([hash, part]) => {
      const key = this.#client.prefix + hash;
      const texts = await this.#client.command("HMGET", [key, ...part]);
      part.forEach((line, at) =>
        found.set(line, (texts as (string | null)[])[at] ?? null)
      );
    }));
    return lines.map((line) => {
      const text = found.get(line) ?? null;
      return text === null ? undefined : unpackRecord(line, text);
    });
  }

  async subscribe(listener: EndedListener): Promise<() => void> {
    const own: EndedListener = (ids) => listener(ids);
    const end = await this.#subscriber.subscribe(
      `${this.#client.prefix}ended`,
      (payload) => own(payload.split("\n").map(unescapeLine)),
    );
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
      end();
    };
  }

  async forget(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await this.#client.run(FORGET, [...new Set(ids)].map(escapeLine));
  }

  async query(
    filter: ResultFilter,
    { limit, cursor }: PageRequest,
  ): Promise<Page<ResultRecord>> {
    const { state, task, worker, since, until, meta, text } = filter;
    const [next = "", ...pairs] = await this.#client.run(QUERY, [
      cursor ?? "",
      limit,
      ...[state, task, worker].map((one) =>
        one === undefined ? "" : escapeLine(one)
      ),
      since ?? "",
      until ?? "",
      meta ?? "",
      text ?? "",
    ]) as string[];
    const items: ResultRecord[] = [];
    for (let at = 0; at < pairs.length; at += 2) {
      const record = unpackRecord(pairs[at] ?? "", pairs[at + 1] ?? "");
      // The script does not know where the meta begins.
      if (record.meta.includes(meta ?? "")) items.push(record);
    }
    return { items, cursor: next === "" ? null : next };
  }

  async countByState(): Promise<Readonly<Record<string, number>>> {
    const key = `${this.#client.prefix}result-states`;
    const pairs = await this.#client.command("HGETALL", [key]) as string[];
    const counts: Record<string, number> = {};
    for (let at = 0; at < pairs.length; at += 2) {
      counts[unescapeLine(pairs[at] ?? "")] = Number(pairs[at + 1]);
    }
    return counts;
  }

  async expire(limit: number): Promise<number> {
    const records = await this.#drop(EXPIRE, limit);
    return records + await this.#drop(EXPIRE_GROUPS, limit);
  }

  async openGroups(plans: readonly GroupPlan[]): Promise<void> {
    if (plans.length === 0) return;
    for (const { body } of plans) checkNames(body);
    await this.#client.run(OPEN_GROUPS, plans.flatMap(planArguments));
  }

  async endMembers(ends: readonly GroupEnd[]): Promise<readonly Message[]> {
    if (ends.length === 0) return [];
    const bodies = await this.#client.run(END_MEMBERS, endArguments(ends));
    return (bodies as string[]).map(unpackBody);
  }

  async #drop(script: Script, limit: number): Promise<number> {
    let total = 0;
    while (total < limit) {
      const step = Math.min(EXPIRE_STEP, limit - total);
      const args = [this.#clock.now(), step];
      const count = Number(await this.#client.run(script, args));
      total += count;
      if (count < step) break;
    }
    return total;
  }
}

/** Of several records of one id the last, unless one before has ended. */
function latestOf(batch: readonly ResultRecord[]): ResultRecord[] {
  const latest = new Map<string, ResultRecord>();
  for (const record of batch) {
    if (!record.ended && latest.get(record.id)?.ended) continue;
    latest.delete(record.id);
    latest.set(record.id, record);
  }
  return [...latest.values()];
}
