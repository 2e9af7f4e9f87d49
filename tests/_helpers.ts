/**
 * What the tests share: apps on stores that are gone afterwards, stores that
 * count and fail, and waiting for what happens.
 */

import { join } from "node:path";
import {
  type AppEvents,
  type Config,
  type EventName,
  type Lovage,
  Lovage as App,
  StoreError,
  type Worker,
} from "@lovage/lovage";
import { memoryStore } from "../adapters/memory/mod.ts";
import { sqliteStore } from "../adapters/sqlite/mod.ts";
import type {
  Broker,
  Clock,
  Delivery,
  Message,
  ResultBackend,
  Store,
} from "../src/contracts/mod.ts";
import type { WorkerOptions } from "../src/worker/worker_options.ts";
import { comesTrue } from "./_polling.ts";

/** How long a test waits for anything before it fails. */
export const PATIENCE = "10s";

type Kind = "memory" | "sqlite";

/** One store, and the apps and workers on it. */
export class Lab implements AsyncDisposable {
  /** The URL of its store. */
  readonly url: string;
  /** The file of its store; empty for a store in memory. */
  readonly path: string;
  readonly #kind: Kind;
  readonly #stack = new AsyncDisposableStack();

  /** An empty store of this kind. */
  constructor(kind: Kind) {
    this.#kind = kind;
    if (kind === "memory") {
      this.path = "";
      this.url = `memory://${crypto.randomUUID()}`;
      return;
    }
    const directory = Deno.makeTempDirSync({ prefix: "lovage-test-" });
    this.path = join(directory, "lovage.db");
    this.url = `sqlite://${this.path}`;
    this.#stack.defer(() => Deno.removeSync(directory, { recursive: true }));
    // What watched the file ends in a turn of its own.
    this.#stack.defer(() => new Promise((resolve) => setTimeout(resolve, 10)));
  }

  /** An app on the store. */
  app(config: Config = {}, name = "lab"): Lovage {
    return this.#stack.use(new App(name, { brokerUrl: this.url, ...config }));
  }

  /** A worker on this event loop; it is stopped at the end, if it is not. */
  async worker(app: Lovage, options: WorkerOptions = {}): Promise<Worker> {
    const worker = await app.worker({ pool: "async", ...options });
    this.#stack.defer(() => worker.stop("cold"));
    return worker;
  }

  /** The store itself, opened. */
  async store(clock?: Clock): Promise<Store> {
    const store = this.#kind === "memory"
      ? memoryStore({ name: this.url.slice("memory://".length), clock })
      : sqliteStore({ path: this.path, clock });
    await store.open();
    this.#stack.defer(() => store.close());
    return store;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

/** A test on a store in memory. */
export function onMemory(
  name: string,
  test: (lab: Lab) => Promise<void> | void,
): void {
  Deno.test(name, async () => {
    await using lab = new Lab("memory");
    await test(lab);
  });
}

/** A test on a SQLite file of its own. */
export function onSqlite(
  name: string,
  test: (lab: Lab) => Promise<void> | void,
): void {
  Deno.test(name, async () => {
    await using lab = new Lab("sqlite");
    await test(lab);
  });
}

/** A test on every store. */
export function onEachStore(
  name: string,
  test: (lab: Lab) => Promise<void> | void,
): void {
  onMemory(`${name} (memory)`, test);
  onSqlite(`${name} (sqlite)`, test);
}

/** The next event of this name that fits. */
export function nextEvent<Name extends EventName>(
  app: Lovage,
  name: Name,
  fits: (event: AppEvents[Name]) => boolean = () => true,
): Promise<AppEvents[Name]> {
  return soon(
    new Promise((resolve) => {
      const stop = app.on(name, (event) => {
        if (!fits(event)) return;
        stop();
        resolve(event);
      });
    }),
    name,
  );
}

/** Fails when what is awaited does not come. */
export async function soon<T>(promise: Promise<T>, what: string): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new Error(`Still waiting for ${what}`)),
    10_000,
  );
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Resolves when the condition holds; for what nobody tells of. */
export async function until(
  condition: () => Promise<boolean> | boolean,
  what: string,
): Promise<void> {
  if (!await comesTrue(condition, 10_000)) throw new Error(`Not yet: ${what}`);
}

/** A promise, and what settles it. */
export class Latch<T = void> {
  readonly #resolvers = Promise.withResolvers<T>();
  /** Settles when the latch is opened. */
  readonly opened: Promise<T> = this.#resolvers.promise;
  /** Opens it. */
  open(value: T): void {
    this.#resolvers.resolve(value);
  }
}

/** How often each call of a store was made, and which are to fail. */
export class Faults {
  /** The calls so far, such as `broker.publish`. */
  readonly calls: string[] = [];
  readonly #failures = new Map<string, (() => Error)[]>();
  readonly #down = new Set<string>();

  /** How often this was called. */
  count(call: string): number {
    return this.calls.filter((each) => each === call).length;
  }

  /** The next `times` calls fail. */
  fail(
    call: string,
    times: number,
    error: () => Error = () => new StoreError("The store does not answer"),
  ): void {
    this.#failures.set(call, Array.from({ length: times }, () => error));
  }

  /** Every call fails from now on. */
  down(...calls: readonly string[]): void {
    for (const call of calls) this.#down.add(call);
  }

  /** Nothing fails any more. */
  up(): void {
    this.#down.clear();
    this.#failures.clear();
  }

  /** Notes a call, and throws if it is to fail. */
  meet(call: string): void {
    this.calls.push(call);
    const error = this.#failures.get(call)?.shift();
    if (error !== undefined) throw error();
    if (this.#down.has(call)) throw new StoreError("The store is down");
  }
}

/** A store whose calls are counted and can be made to fail. */
export function faultyStore(store: Store): { store: Store; faults: Faults } {
  const faults = new Faults();
  const wrap = <Port extends object>(name: string, port: Port): Port =>
    new Proxy(port, {
      get(target, key) {
        const member = Reflect.get(target, key);
        if (typeof member !== "function") return member;
        return async (...args: unknown[]) => {
          faults.meet(`${name}.${String(key)}`);
          return await Reflect.apply(member, target, args);
        };
      },
    });
  return {
    faults,
    store: {
      scheme: store.scheme,
      address: store.address,
      capabilities: store.capabilities,
      broker: wrap<Broker>("broker", store.broker),
      results: wrap<ResultBackend>("results", store.results),
      scheduler: wrap("scheduler", store.scheduler),
      bus: wrap("bus", store.bus),
      inspector: wrap("inspector", store.inspector),
      deadLetters: wrap("deadLetters", store.deadLetters),
      history: wrap("history", store.history),
      warnings: store.warnings,
      migrations: store.migrations,
      open: () => store.open(),
      close: () => store.close(),
    },
  };
}

/** A port of which some members do something else. */
export function changed<Port extends object>(
  port: Port,
  members: Partial<Port>,
): Port {
  return new Proxy(port, {
    get(target, key) {
      if (Object.hasOwn(members, key)) return Reflect.get(members, key);
      const member = Reflect.get(target, key);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
}

/** Takes messages as a worker of this id would, without running them. */
export function reserve(
  store: Store,
  consumer: string,
  queues: readonly string[] = ["default"],
  limit = 100,
): Promise<readonly Delivery[]> {
  return store.broker.reserve({
    consumer,
    queues,
    limit,
    wait: false,
    signal: new AbortController().signal,
  });
}

/** A message as it stands, in the default queue. */
export function rawMessage(
  body: string,
  changes: Partial<Message> = {},
): Message {
  return {
    id: crypto.randomUUID(),
    task: "raw",
    queue: "default",
    priority: 4,
    eta: null,
    body,
    ...changes,
  };
}

/** A value that the types refuse, as JavaScript may pass it. */
export function untyped(value: unknown): never {
  return value as never;
}
