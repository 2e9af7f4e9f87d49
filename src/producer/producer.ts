/**
 * Sends tasks: options become an envelope, envelopes become messages, and
 * messages that are sent at the same time travel together.
 *
 * @module
 */

import type { Message } from "../contracts/broker.ts";
import { type CurrentTask, currentTask } from "../current.ts";
import { ConfigError, EncodeError, StoreError } from "../errors.ts";
import type { Internals } from "../internals.ts";
import { encodeEnvelope, type Envelope } from "../message/envelope.ts";
import { isLarger } from "../message/size.ts";
import { isTaskId, uuid7 } from "../message/ids.ts";
import { encodeArgs } from "../message/json_codec.ts";
import type { SignatureJson } from "../message/signature_json.ts";
import {
  type Duration,
  type Instant,
  parseDuration,
  parseInstant,
} from "../message/time.ts";
import { isDuration } from "../options.ts";
import { Batcher } from "../service/batcher.ts";
import type { AnyTask } from "../task.ts";
import { AsyncResult } from "./async_result.ts";
import type { CallOptions, SendManyOptions } from "./call_options.ts";
import { publishRetrying } from "./publish_retry.ts";
import { Router } from "./router.ts";
import { asArray, type Sender } from "./sender.ts";
import type { AnySignature } from "./signature.ts";
import { checkArguments } from "./validate.ts";

/** Runs a task here and now. */
export type RunEagerly = (
  app: Internals,
  envelope: Envelope,
) => Promise<AsyncResult<unknown>>;

/** What a task takes from the one that it is sent by or follows. */
export type Parent = Pick<CurrentTask, "id" | "rootId" | "priority">;

/** The sending half of an app. */
export class Producer implements Sender {
  readonly #app: Internals;
  readonly #runEagerly: RunEagerly;
  readonly #publishes: Batcher<Message, boolean>;
  #router: Router | null = null;

  /** Nothing is connected yet. */
  constructor(app: Internals, runEagerly: RunEagerly) {
    this.#app = app;
    this.#runEagerly = runEagerly;
    this.#publishes = new Batcher(async (messages) => {
      const { broker } = app.stores.opened ?? await app.stores.open();
      return await broker.broker.publish(messages);
    });
  }

  /** Sends one task. */
  async send<R>(
    task: string,
    args: readonly unknown[],
    options: CallOptions,
  ): Promise<AsyncResult<R>> {
    if (this.#app.settings().taskAlwaysEager) {
      return await this.apply<R>(task, args, options);
    }
    const checked = checkArguments(
      this.#app.tasks.get(task),
      args,
      options,
    );
    const envelope = this.envelope(
      task,
      checked instanceof Promise ? await checked : checked,
      options,
    );
    const current = currentTask();
    await this.#publish([envelope], options);
    current?.children.push(envelope.id);
    return new AsyncResult<R>(this.#app, envelope.id, this.#parent());
  }

  /** Sends many tasks together: all are accepted, or none. */
  async sendMany(
    signatures: readonly AnySignature[],
    options: SendManyOptions = {},
  ): Promise<readonly AsyncResult<unknown>[]> {
    refuseOwnSending(signatures);
    if (this.#app.settings().taskAlwaysEager) {
      const results: AsyncResult<unknown>[] = [];
      for (const each of signatures) {
        results.push(await this.apply(each.task, each.args, each.options));
      }
      return results;
    }
    const envelopes: Envelope[] = new Array(signatures.length);
    for (const [index, each] of signatures.entries()) {
      const checked = checkArguments(
        this.#app.tasks.get(each.task),
        each.args,
        each.options,
      );
      envelopes[index] = this.envelope(
        each.task,
        checked instanceof Promise ? await checked : checked,
        each.options,
      );
    }
    await this.#publish(envelopes, options);
    const parent = this.#parent();
    currentTask()?.children.push(...envelopes.map((each) => each.id));
    return envelopes.map((each) => new AsyncResult(this.#app, each.id, parent));
  }

  /** Runs one task here and now, through everything that a worker does. */
  async apply<R>(
    task: string,
    args: readonly unknown[],
    options: CallOptions,
  ): Promise<AsyncResult<R>> {
    const checked = await checkArguments(
      this.#app.tasks.get(task),
      args,
      options,
    );
    const envelope = this.envelope(task, checked, options);
    return await this.#runEagerly(this.#app, envelope) as AsyncResult<R>;
  }

  /**
   * The envelope of a call.
   *
   * @param parent the task that it is sent by or follows
   * @throws {EncodeError} when an argument or header cannot be sent
   * @throws {ConfigError} when the queue must not be used
   */
  envelope(
    task: string,
    args: readonly unknown[],
    options: CallOptions,
    parent: Parent | undefined = currentTask(),
  ): Envelope {
    const app = this.#app;
    const now = app.clock().now();
    const known = app.tasks.get(task);
    const id = options.taskId === undefined
      ? uuid7()
      : checkedId(options.taskId);
    const { queue, priority } = this.#destination(
      task,
      args,
      options,
      parent,
    );
    return {
      v: 1,
      id,
      task,
      ...encodeArgs(args, options.kwargs),
      retries: 0,
      sentAt: now,
      eta: etaOf(options, now),
      expires: expiresOf(options, known, app, now),
      softTimeLimit: limitOf(options.softTimeLimit, "softTimeLimit"),
      timeLimit: limitOf(options.timeLimit, "timeLimit"),
      rootId: parent?.rootId ?? id,
      parentId: parent?.id,
      headers: options.headers === undefined
        ? undefined
        : { ...options.headers },
      link: signaturesJson(options.link),
      linkError: signaturesJson(options.linkError),
      ignoreResult: options.ignoreResult,
      shadow: options.shadow,
      queue,
      priority,
    };
  }

  /** Resolves when everything that was given to send has been sent. */
  idle(): Promise<void> {
    return this.#publishes.idle();
  }

  /** Called when the settings change. */
  reset(): void {
    this.#router = null;
  }

  #parent(): AsyncResult<unknown> | null {
    const current = currentTask();
    return current === undefined
      ? null
      : new AsyncResult<unknown>(this.#app, current.id);
  }

  #destination(
    task: string,
    args: readonly unknown[],
    options: CallOptions,
    parent: Parent | undefined,
  ): { queue: string; priority: number } {
    const settings = this.#app.settings();
    const known = this.#app.tasks.get(task);
    this.#router ??= new Router(settings.taskRoutes);
    const route = this.#router.route(task, args);
    const queue = options.queue ?? route.queue ?? known?.options.queue ??
      settings.taskDefaultQueue;
    if (
      !settings.taskCreateMissingQueues && !settings.taskQueues.includes(queue)
    ) {
      throw new ConfigError(
        `Task "${task}" is routed to queue "${queue}", which is not in taskQueues (${
          settings.taskQueues.join(", ")
        }), and taskCreateMissingQueues is off`,
      );
    }
    const inherited = settings.taskInheritParentPriority
      ? parent?.priority
      : undefined;
    const priority = options.priority ?? route.priority ??
      known?.options.priority ?? inherited ?? settings.taskDefaultPriority;
    return { queue, priority };
  }

  async #publish(
    envelopes: readonly Envelope[],
    options: CallOptions,
  ): Promise<void> {
    const { middleware } = this.#app;
    if (middleware.some((each) => each.publish !== undefined)) {
      return await this.#publishWrapped(envelopes, options);
    }
    await this.#publishAll(envelopes, options);
  }

  async #publishAll(
    envelopes: readonly Envelope[],
    options: CallOptions,
  ): Promise<void> {
    if (envelopes.length === 0) return;
    const { hooks } = this.#app;
    const messages = envelopes.map((each) => this.message(each));
    if (hooks.has("beforeTaskPublish")) {
      for (const message of messages) {
        hooks.emit("beforeTaskPublish", {
          taskId: message.id,
          task: message.task,
          message,
        });
      }
    }
    await this.#send(messages, options);
    if (hooks.has("afterTaskPublish")) {
      for (const message of messages) {
        hooks.emit("afterTaskPublish", {
          taskId: message.id,
          task: message.task,
          message,
        });
      }
    }
  }

  // Each goes through the middleware by itself; when all have come to its
  // end, they are published together, so that none is sent if one is refused.
  async #publishWrapped(
    envelopes: readonly Envelope[],
    options: CallOptions,
  ): Promise<void> {
    const published = Promise.withResolvers<void>();
    // Who waits for it gets its error.
    published.promise.catch(() => {});
    const arrived: Envelope[] = [];
    const ways = envelopes.map((envelope, index) => {
      const arrival = Promise.withResolvers<void>();
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
      await this.#publishAll(Object.values(arrived), options);
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
   * @throws {EncodeError} when it is too large
   */
  message(envelope: Envelope): Message {
    const body = encodeEnvelope(envelope);
    const limit = this.#app.settings().taskMaxMessageSize;
    if (isLarger(body, limit)) {
      throw new EncodeError(
        `The message of task "${envelope.task}" takes more bytes than taskMaxMessageSize allows (${limit}): store the data elsewhere and pass where it is`,
      );
    }
    return {
      id: envelope.id,
      task: envelope.task,
      queue: envelope.queue,
      priority: envelope.priority,
      eta: envelope.eta ?? null,
      body,
    };
  }

  async #send(
    messages: readonly Message[],
    options: CallOptions,
  ): Promise<void> {
    if (options.tx !== undefined) {
      return await this.#sendWithin(options.tx, messages);
    }
    const settings = this.#app.settings();
    if (!(options.retry ?? settings.taskPublishRetry)) {
      await this.#publishes.add(messages);
      return;
    }
    await publishRetrying(
      () => this.#publishes.add(messages),
      options.retryPolicy ?? settings.taskPublishRetryPolicy,
      (error) => error instanceof StoreError && error.transient,
    );
  }

  // Neither grouped with others nor retried: both are for the transaction.
  async #sendWithin(
    transaction: unknown,
    messages: readonly Message[],
  ): Promise<void> {
    const { broker } = await this.#app.stores.open();
    if (!broker.capabilities.transactions) {
      throw new ConfigError(
        `${broker.scheme}:// cannot send within a transaction (tx): send after it has committed, or let a store that can keep the tasks`,
      );
    }
    await broker.broker.publish(messages, transaction);
  }
}

// They are sent together: how is said once, for all.
function refuseOwnSending(signatures: readonly AnySignature[]): void {
  for (const { task, options } of signatures) {
    for (const name of ["tx", "retry", "retryPolicy"] as const) {
      if (options[name] === undefined) continue;
      throw new ConfigError(
        `The signature of "${task}" has the option "${name}": give it to sendMany() instead, for all that is sent together`,
      );
    }
  }
}

function checkedId(id: string): string {
  if (!isTaskId(id)) {
    throw new ConfigError(
      `A task id must be 1 to 255 characters without control characters, but it is ${
        JSON.stringify(String(id).slice(0, 80))
      }`,
    );
  }
  return id;
}

function etaOf(options: CallOptions, now: number): number | undefined {
  if (options.eta !== undefined && options.countdown !== undefined) {
    throw new ConfigError("Give either countdown or eta, not both");
  }
  if (options.eta !== undefined) return parseInstant(options.eta, "eta");
  if (options.countdown === undefined) return undefined;
  const countdown = parseDuration(options.countdown, "countdown");
  return countdown === 0 ? undefined : now + countdown;
}

function expiresOf(
  options: CallOptions,
  task: AnyTask | undefined,
  app: Internals,
  now: number,
): number | undefined {
  const given = options.expires;
  if (given === undefined) {
    const byDefault = task?.policy(app.settings()).expires ?? null;
    return byDefault === null ? undefined : now + byDefault;
  }
  return isDuration(given) === null
    ? now + parseDuration(given as Duration, "expires")
    : parseInstant(given as Instant, "expires");
}

// `null` lifts the task's own limit for this call; it travels as 0.
function limitOf(
  given: Duration | null | undefined,
  what: string,
): number | undefined {
  if (given === undefined) return undefined;
  return given === null ? 0 : parseDuration(given, what);
}

// Links get their ids when they are sent, not when they are followed: a
// repeated settlement then publishes the same task, not another.
function signaturesJson(
  given: AnySignature | readonly AnySignature[] | undefined,
): readonly SignatureJson[] | undefined {
  if (given === undefined) return undefined;
  return asArray(given).map((each) => {
    const json = each.toJSON();
    const taskId = json.options["taskId"] ?? uuid7();
    return { ...json, options: { ...json.options, taskId } };
  });
}
