/**
 * From envelopes to the broker: through the middleware, past the listeners,
 * and together with all that is published at the same time.
 *
 * @module
 */

import type { Message } from "../contracts/broker.ts";
import type { GroupPlan } from "../contracts/groups.ts";
import { EncodeError, StoreError } from "../errors.ts";
import type { Internals } from "../internals.ts";
import { encodeEnvelope, type Envelope } from "../message/envelope.ts";
import { isLarger } from "../message/size.ts";
import type { OnConflict } from "../task_limits.ts";
import { attached, onConflict, UNLIMITED } from "./attachments.ts";
import { Batcher } from "../service/batcher.ts";
import type { SendManyOptions } from "./call_options.ts";
import { type Refused, settleConflicts } from "./conflicts.ts";
import { publishRetrying } from "./publish_retry.ts";
import { startingOver } from "./start_over.ts";

/** How messages are published. */
export interface Manner {
  /** What was said at the call. */
  readonly options: SendManyOptions;
  /** Whether any id was chosen by the caller, and may be one of before. */
  readonly idsChosen: boolean;
  /** Groups that begin with what is published. */
  readonly groups?: readonly GroupPlan[] | undefined;
  /**
   * Takes up which task stands for one that was not sent, by its id, since
   * another one like it has its unique key.
   */
  readonly standIns?: Map<string, string> | undefined;
  /** What becomes of unique ones, in place of what they say themselves. */
  readonly onConflict?: OnConflict | undefined;
  /** Publishes in place of the broker, together with something else. */
  readonly via?:
    | ((messages: readonly Message[]) => Promise<unknown>)
    | undefined;
}

/** The most messages of several calls that are published together. */
export const LARGEST_PUBLISH = 1000;

/** Publishes for an app. */
export class Publisher {
  readonly #app: Internals;
  readonly #publishes: Batcher<Message, boolean>;

  /** Nothing is connected yet. */
  constructor(app: Internals) {
    this.#app = app;
    // Not async, as little as can be of what follows: each level costs every
    // single send.
    this.#publishes = new Batcher((messages) => {
      const { opened } = app.stores;
      return opened === null
        ? app.stores.open().then(({ broker }) =>
          broker.broker.publish(messages)
        )
        : opened.broker.broker.publish(messages);
    }, {
      maxBatch: LARGEST_PUBLISH,
      lanes: () => app.stores.opened?.broker.capabilities.lanes ?? 1,
    });
  }

  /** Resolves when everything that was given to publish is published. */
  idle(): Promise<void> {
    return this.#publishes.idle();
  }

  /**
   * Publishes envelopes: all are accepted, or none.
   *
   * @throws {EncodeError} when one is too large
   * @throws {StoreError} when the store does not take them
   */
  publish(envelopes: readonly Envelope[], manner: Manner): Promise<unknown> {
    const { current } = this.#app.telemetry;
    return current === null
      ? this.#publish(envelopes, manner)
      : current.publish(envelopes, (traced) => this.#publish(traced, manner));
  }

  #publish(envelopes: readonly Envelope[], manner: Manner): Promise<unknown> {
    const { middleware } = this.#app;
    return middleware.some((each) => each.publish !== undefined)
      ? this.#publishWrapped(envelopes, manner)
      : this.#publishAll(
        envelopes,
        manner,
        !manner.idsChosen && manner.via === undefined,
      );
  }

  #publishAll(
    envelopes: readonly Envelope[],
    manner: Manner,
    fresh: boolean,
  ): Promise<unknown> {
    if (envelopes.length === 0) return Promise.resolve();
    const messages = envelopes.map((each) => this.message(each, fresh));
    this.#tell("beforeTaskPublish", messages);
    const { standIns } = manner;
    const send = () =>
      standIns === undefined
        ? this.#send(messages, manner)
        : this.#sendOrStandIn(envelopes, messages, manner, standIns);
    const sent = !manner.idsChosen || this.#isRelayed(manner)
      ? send()
      : this.#startingOver(messages, send);
    return this.#app.hooks.has("afterTaskPublish")
      ? sent.then(() => this.#tell("afterTaskPublish", messages))
      : sent;
  }

  async #startingOver(
    messages: readonly Message[],
    send: () => Promise<readonly boolean[] | null>,
  ): Promise<void> {
    const stores = await this.#app.stores.open();
    await startingOver(stores, messages.map(({ id }) => id), send);
  }

  #tell(
    event: "beforeTaskPublish" | "afterTaskPublish",
    messages: readonly Message[],
  ): void {
    const { hooks } = this.#app;
    if (!hooks.has(event)) return;
    for (const message of messages) {
      hooks.emit(event, { taskId: message.id, task: message.task, message });
    }
  }

  /** @returns for each whether it was added as itself, where that is known */
  async #sendOrStandIn(
    envelopes: readonly Envelope[],
    messages: readonly Message[],
    manner: Manner,
    standIns: Map<string, string>,
  ): Promise<readonly boolean[] | null> {
    const added = await this.#send(messages, manner);
    if (added === null) return null;
    const found = await this.#findStandIns(envelopes, messages, added, manner);
    for (const [id, other] of found) standIns.set(id, other);
    return messages.map(({ id }, at) => added[at] || found.get(id) === id);
  }

  async #findStandIns(
    envelopes: readonly Envelope[],
    messages: readonly Message[],
    added: readonly boolean[],
    manner: Manner,
  ): Promise<ReadonlyMap<string, string>> {
    const refused: Refused[] = [];
    const own = new Map<string, string>();
    for (const [index, message] of messages.entries()) {
      const { unique, id } = message;
      const envelope = envelopes[index];
      if (!unique || envelope === undefined) continue;
      const conflict = manner.onConflict ?? onConflict(this.#app, envelope);
      if (!conflict) continue;
      if (added[index] !== true) {
        refused.push({ message, envelope, onConflict: conflict });
      } else if (manner.options.tx !== undefined) own.set(unique.key, id);
    }
    if (refused.length === 0) return new Map();
    const { broker } = (await this.#app.stores.open()).broker;
    return await settleConflicts(refused, {
      broker,
      own,
      publish: async (again) => await this.#send(again, manner) ?? [],
    });
  }

  // Groups begin with the first part: a member must not end before. A retry
  // goes on after the parts that were accepted, whose tasks may have ended.
  #inParts(
    messages: readonly Message[],
    groups: readonly GroupPlan[],
  ): () => Promise<null> {
    let accepted = 0;
    return async () => {
      const { broker, backend, atomic } = await this.#app.stores.open();
      if (accepted === 0 && !atomic) await backend.results.openGroups(groups);
      while (accepted < messages.length) {
        const part = messages.slice(accepted, accepted + LARGEST_PUBLISH);
        const begin = accepted === 0 && atomic ? { groups } : {};
        await broker.broker.publish(part, begin);
        accepted += part.length;
      }
      return null;
    };
  }

  // Each goes through the middleware by itself; when all have come to its
  // end, they are published together, so that none is sent if one is refused.
  async #publishWrapped(
    envelopes: readonly Envelope[],
    manner: Manner,
  ): Promise<void> {
    const published = promised();
    // Who waits for it gets its error.
    published.promise.catch(() => {});
    const arrived: Envelope[] = [];
    const ways = envelopes.map((envelope, index) => {
      const arrival = promised();
      const passed = this.#throughMiddleware(envelope, (changed) => {
        arrived[index] = changed;
        arrival.resolve();
        return published.promise;
      });
      // What the middleware drops or refuses never arrives.
      return { passed, decided: Promise.race([arrival.promise, passed]) };
    });
    try {
      await Promise.all(ways.map(({ decided }) => decided));
      // Without the gaps of those that were dropped.
      // Middleware may have given them other ids.
      await this.#publishAll(Object.values(arrived), manner, false);
      published.resolve();
    } catch (error) {
      published.reject(error);
      await Promise.allSettled(ways.map(({ passed }) => passed));
      throw error;
    }
    await Promise.all(ways.map(({ passed }) => passed));
  }

  async #throughMiddleware(
    envelope: Envelope,
    send: (envelope: Envelope) => Promise<void>,
  ): Promise<void> {
    let next = send;
    for (const { publish } of this.#app.middleware.toReversed()) {
      if (publish === undefined) continue;
      const inner = next;
      next = (each) => publish(each, inner);
    }
    await next(envelope);
  }

  /**
   * The message of an envelope.
   *
   * @param fresh whether its id was made for it
   * @throws {EncodeError} when it is too large
   * @throws {ConfigError} when what limits it cannot be said
   */
  message(envelope: Envelope, fresh = false): Message {
    const body = encodeEnvelope(envelope);
    const limit = this.#app.settings().taskMaxMessageSize;
    if (isLarger(body, limit)) {
      throw new EncodeError(
        `The message of task "${envelope.task}" takes more bytes than taskMaxMessageSize allows (${limit}): store the data elsewhere and pass where it is`,
      );
    }
    const message: Message = {
      id: envelope.id,
      task: envelope.task,
      queue: envelope.queue,
      priority: envelope.priority,
      eta: envelope.eta ?? null,
      body,
      fresh,
    };
    const limits = attached(this.#app, envelope);
    return limits === UNLIMITED ? message : { ...message, ...limits };
  }

  // What the outbox keeps is to be accepted while the broker is away.
  #isRelayed({ options }: Manner): boolean {
    return options.tx !== undefined && this.#app.outbox.isConfigured;
  }

  // Not async, nor is what it calls: each level costs every single send.
  #send(
    messages: readonly Message[],
    { options, groups = [], via }: Manner,
  ): Promise<readonly boolean[] | null> {
    if (via !== undefined) return via(messages).then(() => null);
    if (options.tx !== undefined) {
      // Neither grouped with others nor retried: both are for the transaction.
      return this.#app.outbox.publish(messages, options.tx);
    }
    const settings = this.#app.settings();
    const publish: () => Promise<readonly boolean[] | null> = groups.length ===
        0
      ? () => this.#publishes.add(messages)
      : this.#inParts(messages, groups);
    if (!(options.retry ?? settings.taskPublishRetry)) return publish();
    return publishRetrying(
      publish,
      options.retryPolicy ?? settings.taskPublishRetryPolicy,
      isWorthAnother,
    );
  }
}

// What may have been accepted is not published anew: its task could have ended
// by now, and would run twice. The store itself has tried to find out.
function isWorthAnother(error: unknown): boolean {
  return error instanceof StoreError && error.transient && !error.inDoubt;
}

/** A promise from outside; some runtimes lack `Promise.withResolvers`. */
function promised(): {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
} {
  let resolve = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<void>((yes, no) => [resolve, reject] = [yes, no]);
  return { promise, resolve, reject };
}
