/**
 * Dead letters.
 *
 * @module
 */

import type {
  Clock,
  DeadLetter,
  DeadLetters,
  Page,
  PageRequest,
} from "../../src/contracts/mod.ts";
import type { Argument, Client } from "./client.ts";
import { unescapeLine, unpackMessage } from "./format.ts";
import {
  DEAD_KEYS,
  DEAD_LIST,
  DEAD_PURGE,
  DEAD_STEP,
  REDRIVE,
} from "./scripts/dead.ts";
import type { Script } from "./scripts/script.ts";

/** Lists, redrives and purges dead letters. */
export class RedisDeadLetters implements DeadLetters {
  readonly #client: Client;
  readonly #clock: Clock;

  constructor(client: Client, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  async list({ limit, cursor }: PageRequest): Promise<Page<DeadLetter>> {
    const [keys, texts] = await this.#client.run(DEAD_LIST, [
      /^\d{1,16}$/.exec(cursor ?? "")?.[0] ?? "",
      limit,
    ]) as [string[], (string | null)[]];
    const items = keys.map((key, at) => toLetter(key, texts[at] ?? ""));
    const last = keys.length < limit ? undefined : keys.at(-1);
    return { items, cursor: last ?? null };
  }

  redrive(keys: readonly string[] | null): Promise<number> {
    return this.#eachStep(keys, REDRIVE, [this.#clock.now()]);
  }

  purge(keys: readonly string[] | null): Promise<number> {
    return this.#eachStep(keys, DEAD_PURGE, []);
  }

  /** Works through the letters in steps, so that others get a turn. */
  async #eachStep(
    keys: readonly string[] | null,
    script: Script,
    args: readonly Argument[],
  ): Promise<number> {
    let count = 0;
    const steps = keys === null ? await this.#all() : pick(keys);
    for await (const step of steps) {
      count += Number(await this.#client.once(script, [...args, ...step]));
    }
    return count;
  }

  /** All letters that are there now, by the step. */
  async #all(): Promise<AsyncIterable<string[]>> {
    const client = this.#client;
    const [[last]] = await client.run(DEAD_LIST, ["", 1]) as [string[]];
    return (async function* () {
      for (let at: string | undefined = "-1"; last !== undefined;) {
        const step = await client.run(DEAD_KEYS, [at, last]) as string[];
        at = step.at(-1);
        if (at === undefined) return;
        yield step;
      }
    })();
  }
}

/** Keys that can be keys, in the order of dying, by the step. */
function pick(keys: readonly string[]): string[][] {
  const known = [...new Set(keys)].filter((key) => /^\d{1,15}$/.test(key))
    .sort((a, b) => Number(a) - Number(b));
  const steps: string[][] = [];
  for (let at = 0; at < known.length; at += DEAD_STEP) {
    steps.push(known.slice(at, at + DEAD_STEP));
  }
  return steps;
}

function toLetter(key: string, text: string): DeadLetter {
  const lines = text.split("\n");
  const [losses = "", diedAt = "", reason = "", detail = "", id = ""] = lines;
  const entry = lines.slice(5).join("\n");
  const message = unpackMessage(id, entry);
  return {
    ...message,
    key,
    reason: unescapeLine(reason),
    detail: unescapeLine(detail),
    losses: Number(losses) || 0,
    diedAt: Number(diedAt) || 0,
  };
}
