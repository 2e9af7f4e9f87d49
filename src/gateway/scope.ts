/**
 * What a token is good for.
 *
 * @module
 */

import type { Message } from "../contracts/broker.ts";
import type { GroupPlan } from "../contracts/groups.ts";
import {
  type CanvasJson,
  checkCanvasJson,
  isChain,
  isChord,
  isGroup,
} from "../message/canvas_json.ts";
import { decodeEnvelope, type Envelope } from "../message/envelope.ts";
import { decodeCall, type EncodedArgs } from "../message/json_codec.ts";
import type { SignatureJson } from "../message/signature_json.ts";
import { MAP, STARMAP } from "../canvas/builtins.ts";
import { COLLECT } from "../canvas/collect.ts";
import { GUARD } from "../canvas/guard.ts";
import { LAUNCH } from "../canvas/launch.ts";
import { globPattern } from "../producer/router.ts";
import type { GatewayToken } from "./options.ts";
import { Refused } from "./refused.ts";

/** What the holder of a token may do. */
export class Scope {
  /** Who it is. */
  readonly name: string;
  /** Whether results may be read. */
  readonly results: boolean;
  /** Whether tasks may be revoked and forgotten. */
  readonly revoke: boolean;
  /** Whether it is for every task. */
  readonly isForAll: boolean;
  readonly #tasks: readonly RegExp[];
  readonly #queues: readonly RegExp[];

  /** The scope of a token. */
  constructor(token: GatewayToken) {
    const { name, tasks = ["*"], queues = ["*"] } = token;
    this.name = name;
    this.results = token.results ?? true;
    this.revoke = token.revoke ?? false;
    this.#tasks = tasks.map(globPattern);
    this.#queues = queues.map(globPattern);
    this.isForAll = tasks.includes("*");
  }

  /** Whether a task is within it. */
  has(task: string): boolean {
    return this.#tasks.some((pattern) => pattern.test(task));
  }

  /**
   * Makes sure that a message is what it says, and that it and all that
   * follows from it may be sent.
   *
   * @param groups those that begin with it
   * @throws {DecodeError} when it cannot be read
   * @throws {Refused} when it may not be sent
   */
  check(message: Message, groups: readonly GroupPlan[] = []): void {
    const envelope = decodeEnvelope(message.body);
    for (const field of ["id", "task", "queue", "priority"] as const) {
      if (envelope[field] === message[field]) continue;
      throw new Refused(
        400,
        `The message says that its ${field} is ${
          JSON.stringify(message[field])
        }, and its body that it is ${JSON.stringify(envelope[field])}`,
      );
    }
    this.#checkQueue(message.queue);
    if (!this.isForAll) this.#checkKeys(message);
    if (envelope.task === GUARD) this.#checkGuard(envelope, groups);
    else this.#checkCall(envelope, envelope.header === undefined);
    this.#checkFollowing(envelope);
  }

  /** What one task has to itself is not taken by the sender of another. */
  #checkKeys({ task, queue, limits = [], unique }: Message): void {
    const own = [`task:${task}`, `last:${task}`, `queue:${queue}`];
    const keys = [...limits, ...unique === undefined ? [] : [unique]];
    for (const { key } of keys) {
      const [owner = ""] = key.split("\n", 1);
      // Keys that an app has named are for several tasks.
      if (owner.startsWith("key:") || own.includes(owner)) continue;
      throw new Refused(
        403,
        `The token "${this.name}" sends task "${task}" with a key that is not of this task: ${
          JSON.stringify(key)
        }`,
      );
    }
  }

  #checkFollowing({ link, linkError, chain = [], later }: Envelope): void {
    for (const each of [...link ?? [], ...linkError ?? [], ...chain]) {
      this.#checkCanvas(each);
    }
    if (later === undefined) return;
    for (const line of later.split("\n")) this.#checkCanvas(JSON.parse(line));
  }

  #checkCanvas(json: CanvasJson): void {
    if (isChain(json)) return json.chain.forEach((it) => this.#checkCanvas(it));
    if (isGroup(json)) return json.group.forEach((it) => this.#checkCanvas(it));
    if (isChord(json)) {
      json.chord.forEach((each) => this.#checkCanvas(each));
      return this.#checkCanvas(json.body);
    }
    this.#checkCall(json, json.immutable === true);
    const { queue, link, linkError } = (json.options ?? {}) as {
      readonly queue?: string;
      readonly link?: unknown;
      readonly linkError?: unknown;
    };
    if (queue !== undefined) this.#checkQueue(queue);
    for (const each of [link ?? [], linkError ?? []].flat()) {
      checkCanvasJson(each, "a link");
      this.#checkCanvas(each);
    }
  }

  /** What a canvas is that is sent by a worker, from an outbox for example. */
  #checkLaunch(call: EncodedArgs, isWhole: boolean): void {
    if (!isWhole) throw this.#toldBy(LAUNCH);
    const [canvas] = decodeCall(call).args;
    checkCanvasJson(canvas);
    this.#checkCanvas(canvas);
  }

  /** A guard fails groups whose sender has died: its own, and no others. */
  #checkGuard(call: EncodedArgs, groups: readonly GroupPlan[]): void {
    const [guarded] = decodeCall(call).args;
    const sizes = new Map(groups.map(({ id, size }) => [id, size]));
    for (const each of Array.isArray(guarded) ? guarded : [null]) {
      if (each !== null && sizes.get(each?.id) === each?.size) continue;
      throw new Refused(
        403,
        `The token "${this.name}" sends a guard of group ${
          JSON.stringify(each?.id)
        }, which does not begin with it`,
      );
    }
  }

  /** @param isWhole whether it gets no arguments but its own */
  #checkCall(call: SignatureJson | Envelope, isWhole: boolean): void {
    const { task, args } = call;
    // It may name queues, which are checked for everybody.
    if (task === LAUNCH) return this.#checkLaunch(call, isWhole);
    if (this.isForAll || task === COLLECT) return;
    if (task !== MAP && task !== STARMAP) return this.#checkTask(task);
    // They call the task that their first argument names.
    const [name] = args;
    if (isWhole && typeof name === "string") return this.#checkTask(name);
    throw this.#toldBy(task);
  }

  #toldBy(task: string): Refused {
    return new Refused(
      403,
      `The token "${this.name}" is for certain tasks, and ${task} is to be told by another task which one to call`,
    );
  }

  #checkTask(task: string): void {
    if (this.has(task)) return;
    throw new Refused(
      403,
      `The token "${this.name}" is not for task "${task}": its tasks are given by the gateway`,
    );
  }

  #checkQueue(queue: string): void {
    if (this.#queues.some((pattern) => pattern.test(queue))) return;
    throw new Refused(
      403,
      `The token "${this.name}" is not for queue "${queue}": its queues are given by the gateway`,
    );
  }
}
