/**
 * Commands and scripts, each tried until it is answered or patience is at its
 * end. All that the driver does not do, or does wrongly, is held here and in
 * `connection.ts`; the rest of the adapter can trust a call: it is carried
 * out as a whole, and its error is a sentence.
 *
 * What may have been carried out although its answer was lost is safe to send
 * again: writes go through {@linkcode Client.once}, which the scripts
 * recognise, and reservations are found by their tokens.
 *
 * @module
 */

import { StoreError } from "../../src/errors.ts";
import { Deadline } from "../_net/deadline.ts";
import { Connection, within } from "./connection.ts";
import type { Driver, DriverFactory } from "./driver.ts";
import {
  explain,
  isPassing,
  isReply,
  isWrongServer,
  SilenceError,
} from "./errors.ts";
import { Pauses } from "./pauses.ts";
import type { Script } from "./scripts/script.ts";

/** An argument of a command. */
export type Argument = string | number;

/** How calls are made. */
export interface ClientOptions {
  readonly drivers: DriverFactory;
  /** What keys begin with. */
  readonly prefix: string;
  /** For people. */
  readonly address: string;
  /** How long one try may take, in ms. */
  readonly commandTimeout: number;
  /** For how long a call is tried again, in ms. */
  readonly patience: number;
}

/** How a call is made. */
export interface CallOptions {
  /**
   * Whether it fails at once when the server is away, unless it may have been
   * carried out: for callers with a policy of their own.
   */
  readonly refusedWhenAway?: boolean;
}

const FIRST_PAUSE = 10;
const LONGEST_PAUSE = 500;

/** What is called, until it is answered. */
interface Call {
  /** A command by its name, or a script. */
  readonly what: string | Script;
  readonly args: readonly Argument[];
  /** What comes before the arguments: which operation of a script it is. */
  readonly operation?: readonly Argument[];
}

/** A try that was answered. */
interface Answer {
  readonly answer: unknown;
}

/** A try that failed. */
interface Failure {
  readonly error: unknown;
  /** Where it was tried; none could be reached otherwise. */
  readonly driver: Driver | undefined;
  /** Whether it may have been carried out. */
  readonly isSent: boolean;
}

/** What a client and its siblings have in common. */
interface State {
  isOpen: boolean;
  /** Calls that nobody waits for. */
  readonly aside: Set<Promise<unknown>>;
  readonly pauses: Pauses;
}

/** The connection for commands. */
export class Client {
  /** What keys begin with. */
  readonly prefix: string;
  /** For people. */
  readonly address: string;
  /** Names this client among those of all processes. */
  readonly id: string;
  readonly #options: ClientOptions;
  readonly #connection: Connection;
  readonly #deadline: Deadline;
  readonly #state: State;
  readonly #freeSlots: number[] = [];
  #slots = 0;
  #operation = 0;

  /** @param sibling whose connection is shared, for another prefix */
  constructor(options: ClientOptions, sibling?: Client) {
    const { prefix, address, drivers } = options;
    this.#options = options;
    this.#deadline = sibling === undefined
      ? new Deadline(
        options.commandTimeout,
        () => new SilenceError("no answer"),
      )
      : sibling.#deadline;
    this.prefix = prefix;
    this.address = address;
    // Scripts must know that the counts of PUBLISH are not to be trusted.
    const star = drivers.cluster ? "*" : "";
    this.id = star + crypto.randomUUID().replaceAll("-", "").slice(0, 16);
    this.#state = sibling === undefined
      ? { isOpen: false, aside: new Set(), pauses: new Pauses() }
      : sibling.#state;
    this.#connection = sibling === undefined
      ? new Connection(() => drivers.make("commands"))
      : sibling.#connection;
  }

  /** The same connection, for keys with another prefix. */
  under(prefix: string): Client {
    return new Client({ ...this.#options, prefix }, this);
  }

  /** Whether calls can be made. */
  get isOpen(): boolean {
    return this.#state.isOpen;
  }

  /** Connects; unlike a call, it does not wait for a server that is away. */
  async open(): Promise<void> {
    this.#state.isOpen = true;
    try {
      await this.#connection.get();
    } catch (error) {
      throw explain(error, this.address);
    }
  }

  /**
   * Ends the connection; calls that are under way fail, but for those aside,
   * which are given a moment.
   */
  async close(): Promise<void> {
    this.#state.isOpen = false;
    const { aside, pauses } = this.#state;
    pauses.end();
    if (aside.size > 0) {
      await within(1_000, Promise.all(aside)).catch(() => {});
    }
    await this.#connection.close();
    this.#deadline.close();
  }

  /** Calls go there from now on, also those that have no answer yet. */
  moved(host: string, port: number): void {
    this.#connection.moved(host, port);
  }

  /** A command without a script. */
  command(name: string, args: readonly Argument[]): Promise<unknown> {
    return this.#patiently({ what: name, args });
  }

  /** A command without a script, tried once. */
  async commandOnce(name: string, args: readonly Argument[]): Promise<unknown> {
    try {
      return await this.#try(await this.#ready(), { what: name, args });
    } catch (error) {
      throw explain(error, this.address);
    }
  }

  /** A script that may run twice. */
  run(script: Script, args: readonly Argument[]): Promise<unknown> {
    return this.#patiently({ what: script, args });
  }

  /** The same, aside: nobody waits for it, and nobody hears that it failed. */
  runAside(script: Script, args: readonly Argument[]): void {
    const { aside } = this.#state;
    const call = this.run(script, args).catch(() => {}).finally(() => {
      aside.delete(call);
    });
    aside.add(call);
  }

  /** A script that may run twice; tried once. */
  async tryOnce(script: Script, args: readonly Argument[]): Promise<unknown> {
    const call = { what: script, args };
    const driver = await this.#ready();
    try {
      return await this.#try(driver, call).catch((error) => {
        if (isUnknownScript(error)) return this.#try(driver, call, true);
        throw error;
      });
    } catch (error) {
      if (isWrongServer(error)) this.#connection.drop(driver);
      throw error;
    }
  }

  /** A script that is carried out once, however often it is sent. */
  once(
    script: Script,
    args: readonly Argument[],
    options: CallOptions = {},
  ): Promise<string> {
    const slot = this.#freeSlots.pop() ?? this.#slots++;
    const operation = [`${this.id}:${slot}`, ++this.#operation];
    return this.#patiently({ what: script, args, operation }, options).then(
      (answer) => {
        this.#freeSlots.push(slot);
        return String(answer);
      },
      (error) => {
        this.#freeSlots.push(slot);
        throw error;
      },
    );
  }

  /**
   * A pause between two tries of a caller of its own. It keeps the process
   * alive, and ends early when the client is closed or nobody waits any more.
   */
  pause(ms: number, signal: AbortSignal): Promise<void> {
    return this.#state.pauses.pause(ms, true, signal);
  }

  async #ready(): Promise<Driver> {
    if (!this.isOpen) throw notOpen(this.address);
    return await this.#connection.get();
  }

  #patiently(call: Call, options: CallOptions = {}): Promise<unknown> {
    const end = performance.now() + this.#options.patience;
    const driver = this.#connection.standing;
    if (driver?.status !== "ready" || !this.isOpen) {
      return this.#tryAgain(call, options, end);
    }
    // Mostly the first try is the last: each step costs every single send.
    return this.#try(driver, call).catch((error) =>
      this.#tryAgain(call, options, end, { error, driver, isSent: true })
    );
  }

  /** Tries until it is answered or it is too late, perhaps after a failure. */
  async #tryAgain(
    call: Call,
    { refusedWhenAway = false }: CallOptions,
    end: number,
    first?: Failure,
  ): Promise<unknown> {
    let inDoubt = false;
    let byText = false;
    let pause = FIRST_PAUSE;
    let tried: Answer | Failure = first ?? await this.#tryHere(call, byText);
    while (!("answer" in tried)) {
      const { error, driver, isSent } = tried;
      if (!this.isOpen) throw notOpen(this.address);
      if (!byText && isUnknownScript(error)) {
        byText = true;
      } else {
        if (isWrongServer(error)) this.#connection.drop(driver);
        // Who refuses does nothing.
        inDoubt ||= isSent && !isReply(error);
        const late = performance.now() + pause >= end ||
          (refusedWhenAway && !inDoubt);
        if (late || !isPassing(error)) {
          throw explain(error, this.address, inDoubt);
        }
        await this.#state.pauses.pause(pause, true);
        pause = Math.min(2 * pause, LONGEST_PAUSE);
      }
      tried = await this.#tryHere(call, byText);
    }
    return tried.answer;
  }

  /** One try, connecting first if need be. */
  async #tryHere(
    call: Call,
    byText: boolean,
  ): Promise<Answer | Failure> {
    let driver: Driver | undefined;
    let isSent = false;
    try {
      driver = this.#connection.standing ?? await this.#ready();
      isSent = driver.status === "ready";
      return { answer: await this.#try(driver, call, byText) };
    } catch (error) {
      return { error, driver, isSent };
    }
  }

  /** One try; it ends in time, whatever the network does. */
  #try(driver: Driver, call: Call, byText = false): Promise<unknown> {
    const { what, args, operation } = call;
    if (typeof what === "string") {
      return this.#deadline.watch(() => driver.call(what, [...args]));
    }
    const { hash, text } = what;
    if (hash === undefined) {
      return what.hashed().then(() => this.#try(driver, call, byText));
    }
    const head: Argument[] = [byText ? text : hash, 1, this.prefix];
    const all = operation === undefined
      ? head.concat(args)
      : head.concat(operation, args);
    const command = byText ? "eval" : "evalsha";
    return this.#deadline.watch(() => driver.call(command, all));
  }
}

/** Whether a script is not loaded yet, or was forgotten: a flush, a restart. */
function isUnknownScript(error: unknown): boolean {
  return String(error).includes("NOSCRIPT");
}

function notOpen(address: string): StoreError {
  return new StoreError(`The Redis store ${address} is not open`);
}
