/**
 * The broker: each call is one script, which the server carries out as a
 * whole.
 *
 * @module
 */

import type {
  Broker,
  CancelOutcome,
  CancelRequest,
  Clock,
  ConsumerInfo,
  Delivery,
  HeartbeatReply,
  Message,
  PublishOptions,
  ReapedConsumer,
  ReserveRequest,
  Settlement,
} from "../../src/contracts/mod.ts";
import { acknowledgeArguments } from "./acknowledge.ts";
import type { Argument, Client } from "./client.ts";
import { queuesWithKeys, scopedKey } from "./cluster/scope.ts";
import { packKey } from "./conditions.ts";
import { packConsumer, unpackConsumer } from "./consumers.ts";
import { checkName, checkNames, escapeLine, unescapeLine } from "./format.ts";
import { hasGroups, planArguments } from "./groups.ts";
import {
  answers,
  freshArguments,
  isSpecial,
  messageArguments,
  recordArguments,
  specialArguments,
} from "./messages.ts";
import { Reserver } from "./reserve.ts";
import { ACKNOWLEDGE } from "./scripts/acknowledge.ts";
import { CANCEL, PURGE, PURGE_STEP } from "./scripts/cancel.ts";
import { HEARTBEAT, LEAVE, REAP } from "./scripts/consumers.ts";
import { HOLDERS } from "./scripts/limits.ts";
import { PAUSE } from "./scripts/pause.ts";
import { PUBLISH, PUBLISH_WITH_GROUPS } from "./scripts/publish.ts";
import { PUBLISH_FRESH } from "./scripts/publish_fresh.ts";
import { SETTLE, SETTLE_WITH_GROUPS } from "./scripts/settle.ts";
import { settleArguments } from "./settle_plan.ts";
import { type Source, unlessClosed, waitForWork } from "./wait.ts";
import type { Wake } from "./wake.ts";

const OUTCOMES: Readonly<Record<string, CancelOutcome>> = {
  x: "removed",
  r: "running",
  u: "unknown",
};

/** Who publishes has a policy for a store that is away. */
const BY_POLICY = { refusedWhenAway: true };

/** Messages, leases and consumers in Redis. */
export class RedisBroker implements Broker {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #wake: Wake;
  readonly #reserver: Reserver;
  readonly #closed = new AbortController();
  readonly #stamps = `b${crypto.randomUUID().slice(0, 8)}.`;
  #batches = 0;
  /** Numbers bundles: from a random start, since others have theirs. */
  #bundle = Math.floor(Math.random() * 2 ** 46);

  /** @param given by which rates are measured; `null` is the server's time */
  constructor(
    client: Client,
    clock: Clock,
    given: Clock | null,
    wake: Wake,
    patience: number,
  ) {
    this.#client = client;
    this.#clock = clock;
    this.#wake = wake;
    this.#reserver = new Reserver(client, clock, given, patience);
  }

  // Not async: each level costs every single send.
  publish(
    batch: readonly Message[],
    options: PublishOptions = {},
  ): Promise<readonly boolean[]> {
    const { groups = [] } = options;
    const now = this.#clock.now();
    const fresh = groups.length === 0
      ? freshArguments(batch, now, ++this.#bundle)
      : null;
    return fresh === null
      ? this.#publishAll(batch, options, now)
      : this.#client.once(PUBLISH_FRESH, fresh, BY_POLICY).then(() =>
        answers(batch.length, "")
      );
  }

  async #publishAll(
    batch: readonly Message[],
    options: PublishOptions,
    now: number,
  ): Promise<readonly boolean[]> {
    const { groups = [] } = options;
    if (batch.length === 0 && groups.length === 0) return [];
    batch.forEach(checkNames);
    for (const { body } of groups) checkNames(body);
    const seen = new Set<string>();
    for (const { id } of batch) seen.add(id);
    if (seen.size < batch.length && !batch.some(isSpecial)) {
      return await this.#publishOnce(batch, options);
    }
    const args = seen.size < batch.length
      ? specialArguments(batch, now)
      : messageArguments(batch, now);
    for (const plan of groups) args.push(...planArguments(plan));
    const script = groups.length === 0 ? PUBLISH : PUBLISH_WITH_GROUPS;
    const refused = await this.#client.once(script, args, BY_POLICY);
    return answers(batch.length, refused);
  }

  /** Of messages of one id the first counts. */
  async #publishOnce(
    batch: readonly Message[],
    options: PublishOptions,
  ): Promise<readonly boolean[]> {
    const first = new Map<string, Message>();
    for (const one of batch) if (!first.has(one.id)) first.set(one.id, one);
    const unique = [...first.values()];
    const added = await this.publish(unique, options);
    const isAdded = new Map(unique.map((one, at) => [one, added[at] === true]));
    return batch.map((message) => isAdded.get(message) ?? false);
  }

  async reserve(request: ReserveRequest): Promise<readonly Delivery[]> {
    const { queues, signal } = request;
    if (signal.aborted || this.#closed.signal.aborted) return [];
    if (queues.length === 0 && !request.wait) return [];
    const closed = this.#closed.signal;
    const deliveries = await unlessClosed(closed, this.take(request));
    if (deliveries.length > 0 || !request.wait) return deliveries;
    return await waitForWork({
      sources: [this.source(queues)],
      request,
      clock: this.#clock,
      closed,
    });
  }

  /** Takes what there is in these queues, without a wait. */
  async take(request: ReserveRequest): Promise<readonly Delivery[]> {
    return (await this.#reserver.take(request)).deliveries;
  }

  /** These queues as a place where work may come from. */
  source(queues: readonly string[]): Source {
    return { reserver: this.#reserver, wake: this.#wake, queues };
  }

  async settle(
    consumer: string,
    batch: readonly Settlement[],
  ): Promise<readonly boolean[]> {
    if (batch.length === 0) return [];
    const { plain } = this.#reserver;
    const usual = acknowledgeArguments(batch, plain, this.#stamp());
    if (usual !== null) {
      usual.unshift(escapeLine(consumer));
      const stale = await this.#client.once(ACKNOWLEDGE, usual);
      return answers(batch.length, stale);
    }
    let script = SETTLE;
    for (const one of batch) {
      const { action, publish, groups } = one;
      publish?.forEach(checkNames);
      groups?.forEach(({ body }) => checkNames(body));
      if (action.kind === "requeue") checkNames(action.message);
      if (hasGroups(one)) script = SETTLE_WITH_GROUPS;
    }
    const now = this.#clock.now();
    const args = settleArguments(batch, now, plain);
    args.unshift(escapeLine(consumer), now);
    const stale = await this.#client.once(script, args);
    return answers(batch.length, stale);
  }

  async heartbeat(consumer: ConsumerInfo): Promise<HeartbeatReply> {
    const { id, lease } = consumer;
    const reply = await this.#client.run(HEARTBEAT, [
      escapeLine(id),
      this.#clock.now(),
      lease,
      packConsumer(consumer),
      ...this.#reserver.doubts(id),
    ]) as [number, ...string[]];
    const [known, ...rest] = reply;
    const cancellations = [];
    for (let at = 0; at < rest.length; at += 2) {
      const task = unescapeLine(rest[at] ?? "");
      cancellations.push({ id: task, terminate: rest[at + 1] === "2" });
    }
    return { known: known === 1, cancellations };
  }

  async leave(consumer: string): Promise<void> {
    await this.#client.run(LEAVE, [escapeLine(consumer), this.#clock.now()]);
  }

  async reap(): Promise<readonly ReapedConsumer[]> {
    const reaped = await this.#client.run(REAP, [this.#clock.now()]);
    return (reaped as [string, string, string[]][])
      .map(([line, said, returned]) => {
        const id = unescapeLine(line);
        const name = said === "" ? id : unpackConsumer(line, said).name;
        return { id, name, returned: returned.map(unescapeLine) };
      });
  }

  cancel(batch: readonly CancelRequest[]): Promise<readonly CancelOutcome[]> {
    return this.cancelHere(batch, true);
  }

  /** Cancels; what is unknown is remembered only if asked for. */
  async cancelHere(
    batch: readonly CancelRequest[],
    remembers: boolean,
  ): Promise<readonly CancelOutcome[]> {
    if (batch.length === 0) return [];
    const args: Argument[] = [this.#clock.now()];
    for (const { id, terminate, rememberUntil, result, keep } of batch) {
      const until = remembers ? rememberUntil : "";
      args.push(escapeLine(id), terminate ? 2 : 1, until, keep ? 1 : 0);
      args.push(...recordArguments(result === undefined ? [] : [result]));
    }
    const letters = await this.#client.once(CANCEL, args);
    return [...letters].map((letter) => OUTCOMES[letter] ?? "unknown");
  }

  /** Whether a consumer holds a lease; for what is done beside a script. */
  async holds(consumer: string, id: string, token: number): Promise<boolean> {
    const key = `${this.#client.prefix}held:${escapeLine(consumer)}`;
    const found = await this.#client.command("HGET", [key, escapeLine(id)]);
    return found === String(token);
  }

  async pause(queues: readonly string[], paused: boolean): Promise<void> {
    if (queues.length === 0) return;
    for (const queue of queues) checkName("queue", queue);
    const args = [paused ? 1 : 0, ...queues.map(escapeLine)];
    await this.#client.once(PAUSE, args);
  }

  async holders(
    keys: readonly string[],
  ): Promise<readonly (string | undefined)[]> {
    if (keys.length === 0) return [];
    const args = [this.#clock.now(), ...keys.map(packKey)];
    const ids = await this.#client.run(HOLDERS, args) as string[];
    return ids.map((id) => id === "" ? undefined : unescapeLine(id));
  }

  /** The same, of keys that each queue has for itself. */
  async holdersInQueues(
    keys: readonly string[],
  ): Promise<readonly (string | undefined)[]> {
    const queues = await queuesWithKeys(this.#client, this.#clock.now());
    const all = await Promise.all(
      queues.map((queue) =>
        this.holders(keys.map((key) => scopedKey(queue, key)))
      ),
    );
    return keys.map((_, at) =>
      all.map((found) => found[at]).find((id) => id !== undefined)
    );
  }

  async purge(queues: readonly string[]): Promise<number> {
    let total = 0;
    for (const queue of new Set(queues)) {
      let count: number;
      do {
        const args = [escapeLine(queue)];
        count = Number(await this.#client.once(PURGE, args));
        total += count;
      } while (count >= PURGE_STEP);
    }
    return total;
  }

  /** Ends every wait. */
  close(): void {
    this.#closed.abort();
  }

  /** Names a batch of this store among all; never a number. */
  #stamp(): string {
    return `${this.#stamps}${(this.#batches++).toString(36)}`;
  }
}
