/**
 * Asks workers, and gathers what they answer.
 *
 * @module
 */

import type { ConsumerStats } from "../contracts/inspector.ts";
import type { Store } from "../contracts/store.ts";
import { ConfigError } from "../errors.ts";
import type { Internals } from "../internals.ts";
import { uuid7 } from "../message/ids.ts";
import { type Duration, parseDuration } from "../message/time.ts";
import { isDuration, show } from "../options.ts";
import {
  CONTROL_TOPIC,
  type ControlAnswer,
  type ControlRequest,
  type Destination,
  isMeant,
  readAnswer,
  replyTopic,
} from "./protocol.ts";
import type { Replies } from "./replies.ts";

/** Whom to ask, and how long to wait. */
export interface AskOptions extends Destination {
  /** How long to wait for those who are alive. @default {"1s"} */
  readonly timeout?: Duration | undefined;
  /** Wait for so many answers at most. */
  readonly limit?: number | undefined;
}

/** What is asked. */
export interface Question {
  /** The command. */
  readonly command: string;
  /** What it takes. */
  readonly args: Readonly<Record<string, unknown>>;
}

/** Those who are meant, by node name. */
interface Known {
  /** Who should answer. */
  readonly expected: ReadonlySet<string>;
  /** Whom the store knows, alive or not. */
  readonly known: ReadonlySet<string>;
}

const NOBODY: Known = { expected: new Set(), known: new Set() };

/** Speaks to the workers of a store. */
export class Remote {
  readonly #app: Internals;

  /** Nothing is connected yet. */
  constructor(app: Internals) {
    this.#app = app;
  }

  /** Says something to workers and waits for nobody. */
  async tell(question: Question, to: Destination = {}): Promise<void> {
    const store = await this.#store();
    await send(store, { ...question, ...whom(to), id: uuid7(), reply: false });
  }

  /**
   * Asks workers. Returns as soon as all that are alive have answered.
   *
   * @throws {ConfigError} for a timeout that is no duration
   * @throws {StoreError} when the store does not answer
   */
  async ask<T>(
    question: Question,
    options: AskOptions = {},
  ): Promise<Replies<T>> {
    const { timeout = "1s", limit = Infinity } = options;
    const ms = timeoutOf(timeout);
    const store = await this.#store();
    const id = uuid7();
    const answers = new Map<string, ControlAnswer>();
    let known: Known | null = null;
    let done = () => {};
    const isComplete = () =>
      answers.size >= limit ||
      (known !== null &&
        [...known.expected].every((name) => answers.has(name)));
    const end = await store.bus.subscribe(replyTopic(id), (payload) => {
      const answer = readAnswer(payload);
      if (answer === null) return;
      answers.set(answer.worker, answer);
      if (isComplete()) done();
    });
    try {
      const over = new Promise<void>((resolve) => {
        const cancel = this.#app.clock().timer(ms, resolve);
        done = () => {
          cancel();
          resolve();
        };
      });
      await send(store, { ...question, ...whom(options), id, reply: true });
      known = await this.#known(store, options);
      if (isComplete()) done();
      await over;
    } finally {
      done();
      end();
    }
    return gather<T>(answers, known ?? NOBODY);
  }

  async #known(store: Store, to: Destination): Promise<Known> {
    const now = this.#app.clock().now();
    const consumers = (await store.inspector.consumers())
      .filter(({ name }) => isMeant(name, to));
    const isAlive = ({ seenAt, lease }: ConsumerStats) => now - seenAt <= lease;
    const expected = new Set([
      ...consumers.filter(isAlive).map(({ name }) => name),
      ...(to.destination ?? []).filter((name) => isMeant(name, to)),
    ]);
    return { expected, known: new Set(consumers.map(({ name }) => name)) };
  }

  async #store(): Promise<Store> {
    const { stores } = this.#app;
    return (stores.opened ?? await stores.open()).broker;
  }
}

function timeoutOf(timeout: Duration): number {
  const wanted = isDuration(timeout);
  if (wanted === null) return parseDuration(timeout, "timeout");
  throw new ConfigError(
    `The timeout must be ${wanted}, but it is ${show(timeout)}`,
  );
}

function send(store: Store, request: ControlRequest): Promise<void> {
  return store.bus.broadcast(CONTROL_TOPIC, JSON.stringify(request));
}

function whom({ destination, pattern }: Destination): Destination {
  return {
    ...(destination === undefined ? {} : { destination }),
    ...(pattern === undefined ? {} : { pattern }),
  };
}

function gather<T>(
  answers: ReadonlyMap<string, ControlAnswer>,
  { expected, known }: Known,
): Replies<T> {
  const replies: Record<string, T> = {};
  const errors: Record<string, string> = {};
  for (const [worker, { value, error }] of [...answers].toSorted()) {
    if (error === undefined) replies[worker] = value as T;
    else errors[worker] = error;
  }
  const absent = (names: ReadonlySet<string>) =>
    [...names].filter((name) => !answers.has(name)).toSorted();
  return {
    replies,
    errors,
    missing: absent(expected),
    silent: absent(known.difference(expected)),
  };
}
