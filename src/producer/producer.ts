/**
 * Sends tasks: one, many together, or here and now.
 *
 * @module
 */

import type { Message } from "../contracts/broker.ts";
import { currentTask } from "../current.ts";
import { ConfigError } from "../errors.ts";
import type { Internals } from "../internals.ts";
import type { CanvasJson } from "../message/canvas_json.ts";
import type { Envelope } from "../message/envelope.ts";
import { show } from "../options.ts";
import { type Attached, attached, onConflict } from "./attachments.ts";
import { AsyncResult } from "./async_result.ts";
import type { CallOptions, SendManyOptions } from "./call_options.ts";
import { Envelopes, type Parent } from "./envelopes.ts";
import { type Manner, Publisher } from "./publisher.ts";
import type { GroupMember } from "./group_result.ts";
import { isLinkable, type Linkable } from "./linkable.ts";
import type { Beginning, Canvases, LaunchOptions, Sender } from "./sender.ts";
import { type AnySignature, Signature } from "./signature.ts";
import { checkArguments } from "./validate.ts";

/** Runs what is sent here and now. */
export interface RunEagerly {
  /** Runs a task. */
  task(app: Internals, envelope: Envelope): Promise<AsyncResult<unknown>>;
  /** Runs a canvas that is frozen, and returns its handle. */
  canvas(
    app: Internals,
    canvas: CanvasJson,
    values: readonly unknown[],
  ): Promise<GroupMember>;
}

/** What a signature or a canvas begins with. */
type Begun = Pick<Beginning, "envelopes"> & Partial<Beginning>;

/** The sending half of an app. */
export class Producer implements Sender {
  readonly #app: Internals;
  readonly #runEagerly: RunEagerly;
  readonly #canvases: Canvases;
  readonly #envelopes: Envelopes;
  readonly #publisher: Publisher;

  /** Nothing is connected yet. */
  constructor(app: Internals, runEagerly: RunEagerly, canvases: Canvases) {
    this.#app = app;
    this.#runEagerly = runEagerly;
    this.#canvases = canvases;
    this.#envelopes = new Envelopes(app, canvases);
    this.#publisher = new Publisher(app);
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
    const checked = this.#checked(task, args, options);
    const envelope = checked instanceof Promise ? await checked : checked;
    const [result] = await this.#publish([envelope], {
      options,
      idsChosen: options.taskId !== undefined,
    });
    return result as AsyncResult<R>;
  }

  /**
   * Sends many signatures and canvases together: all are accepted, or none.
   *
   * @throws {ConfigError} for what is neither
   */
  async sendMany(
    parts: readonly Linkable[],
    options: SendManyOptions = {},
  ): Promise<readonly GroupMember[]> {
    checkParts(parts);
    refuseOwnSending(parts);
    if (this.#app.settings().taskAlwaysEager) {
      const results: GroupMember[] = [];
      for (const each of parts) {
        results.push(
          each instanceof Signature
            ? await this.apply(each.task, each.args, each.options)
            : await this.launchEagerly(each.toJSON(), []),
        );
      }
      return results;
    }
    return parts.every((each) => each instanceof Signature)
      ? await this.#sendTasks(parts, options)
      : await this.#sendParts(parts, options);
  }

  /** Sends tasks once a transaction has committed. */
  async onCommit(
    tx: unknown,
    parts: readonly Linkable[],
  ): Promise<readonly GroupMember[]> {
    if (tx === undefined || tx === null) {
      throw new ConfigError(
        "onCommit() takes your transaction first, then what to send: app.onCommit(tx, task.s(1))",
      );
    }
    return await this.sendMany(parts, { tx });
  }

  /** Runs one task here and now, through everything that a worker does. */
  async apply<R>(
    task: string,
    args: readonly unknown[],
    options: CallOptions,
  ): Promise<AsyncResult<R>> {
    const envelope = await this.#checked(task, args, options);
    return await this.#runEagerly.task(this.#app, envelope) as AsyncResult<R>;
  }

  /** Sends a canvas. */
  launch(
    canvas: CanvasJson,
    values: readonly unknown[],
    options?: LaunchOptions,
  ): Promise<GroupMember> {
    return this.#canvases.launch(canvas, values, options);
  }

  /** Runs a canvas here and now. */
  launchEagerly(
    canvas: CanvasJson,
    values: readonly unknown[],
  ): Promise<GroupMember> {
    return this.#canvases.launchEagerly(canvas, values);
  }

  /** Publishes envelopes: all are accepted, or none. */
  async publish(
    envelopes: readonly Envelope[],
    manner: Manner,
  ): Promise<void> {
    await this.#publisher.publish(envelopes, manner);
  }

  /**
   * The envelope of a call.
   *
   * @param parent the task that it is sent by or follows
   * @throws {EncodeError} when an argument or header cannot be sent
   * @throws {ConfigError} when an option will not do
   */
  envelope(
    task: string,
    args: readonly unknown[],
    options: CallOptions,
    parent: Parent | undefined = currentTask(),
  ): Envelope {
    return this.#envelopes.of(task, args, options, parent);
  }

  /**
   * The message of an envelope.
   *
   * @throws {EncodeError} when it is too large
   * @throws {ConfigError} when what limits it cannot be said
   */
  message(envelope: Envelope): Message {
    return this.#publisher.message(envelope);
  }

  /**
   * What limits the message of an envelope in a queue.
   *
   * @throws {ConfigError} when that cannot be said
   */
  attached(envelope: Envelope, queue: string): Attached {
    return attached(this.#app, envelope, queue);
  }

  /** Resolves when everything that was given to send has been sent. */
  idle(): Promise<void> {
    return this.#publisher.idle();
  }

  /** Called when the settings change. */
  reset(): void {
    this.#envelopes.reset();
  }

  async #sendTasks(
    signatures: readonly AnySignature[],
    options: SendManyOptions,
  ): Promise<readonly AsyncResult<unknown>[]> {
    const envelopes: Envelope[] = new Array(signatures.length);
    for (const [index, each] of signatures.entries()) {
      const checked = this.#checked(each.task, each.args, each.options);
      envelopes[index] = checked instanceof Promise ? await checked : checked;
    }
    return await this.#publish(envelopes, {
      options,
      idsChosen: signatures.some(({ options }) => options.taskId !== undefined),
    });
  }

  async #sendParts(
    parts: readonly Linkable[],
    options: SendManyOptions,
  ): Promise<readonly GroupMember[]> {
    const begun: Begun[] = [];
    for (const each of parts) {
      begun.push(
        each instanceof Signature
          ? {
            envelopes: [
              await this.#checked(each.task, each.args, each.options),
            ],
          }
          : this.#canvases.begin(
            this.#canvases.prepare(each.toJSON()),
            [],
            options,
          ),
      );
    }
    const results = await this.#publish(
      begun.flatMap(({ envelopes }) => envelopes),
      {
        options,
        // Any task in a canvas may have an id that was chosen.
        idsChosen: true,
        groups: begun.flatMap(({ groups = [] }) => groups),
      },
    );
    let at = 0;
    return begun.map(({ envelopes, handle }) => {
      const first = results[at] as GroupMember;
      at += envelopes.length;
      return handle ?? first;
    });
  }

  // Only schemas can make it wait: without them it is there at once.
  #checked(
    task: string,
    args: readonly unknown[],
    options: CallOptions,
  ): Envelope | Promise<Envelope> {
    const checked = checkArguments(this.#app.tasks.get(task), args, options);
    return checked instanceof Promise
      ? checked.then((sound) => this.envelope(task, sound, options))
      : this.envelope(task, checked, options);
  }

  // Not async: each level costs every single send.
  #publish(
    envelopes: readonly Envelope[],
    manner: Manner,
  ): Promise<AsyncResult<unknown>[]> {
    const app = this.#app;
    const current = currentTask();
    const parent = current === undefined
      ? null
      : new AsyncResult<unknown>(app, current.id);
    const resultOf = (envelope: Envelope, id: string = envelope.id) =>
      new AsyncResult<unknown>(
        app,
        id,
        parent,
        undefined,
        this.#isIgnored(envelope),
      );
    // Before they are sent: what a task's options refuse must not be sent.
    const results = envelopes.map((each) => resultOf(each));
    const sent = envelopes.some((each) => onConflict(app, each))
      ? this.#publishUnique(envelopes, manner).then((standIns) =>
        envelopes.map((each) => resultOf(each, standIns.get(each.id)))
      )
      : this.#publisher.publish(envelopes, manner).then(() => results);
    return current === undefined ? sent : sent.then((results) => {
      for (const { id } of results) current.children.push(id);
      return results;
    });
  }

  /** @returns which task stands for one that was not sent, by its id */
  async #publishUnique(
    envelopes: readonly Envelope[],
    manner: Manner,
  ): Promise<ReadonlyMap<string, string>> {
    const standIns = new Map<string, string>();
    await this.#publisher.publish(envelopes, { ...manner, standIns });
    return standIns;
  }

  // Of a task that is not known here, its worker decides.
  #isIgnored({ task, ignoreResult }: Envelope): boolean {
    const settings = this.#app.settings();
    return ignoreResult ??
      this.#app.tasks.get(task)?.policy(settings).ignoreResult ?? false;
  }
}

function checkParts(given: readonly unknown[]): void {
  if (!Array.isArray(given)) {
    throw new ConfigError(
      `What is to be sent must be an array of signatures and canvases, but it is ${
        show(given)
      }`,
    );
  }
  for (const [index, each] of given.entries()) {
    if (isLinkable(each)) continue;
    throw new ConfigError(
      `Item ${index} of what is to be sent must be a signature, such as notify.s(42), or a canvas, but it is ${
        show(each)
      }`,
    );
  }
}

// They are sent together: how is said once, for all.
function refuseOwnSending(parts: readonly Linkable[]): void {
  for (const each of parts) {
    // A canvas has refused it of its own parts.
    if (!(each instanceof Signature)) continue;
    const { task, options } = each;
    for (const name of ["tx", "retry", "retryPolicy"] as const) {
      if (options[name] === undefined) continue;
      throw new ConfigError(
        `The signature of "${task}" has the option "${name}": give it to sendMany() instead, for all that is sent together`,
      );
    }
  }
}
