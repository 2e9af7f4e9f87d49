/**
 * Tests on every store that workers share, and on the one in memory.
 *
 * @module
 */

import { type Config, Lovage, type Worker } from "@lovage/lovage";
import type { WorkerOptions } from "../../src/worker/worker_options.ts";
import { missing as whyNoServers, Servers } from "../app/fixtures/servers.ts";
import { Lab } from "../_helpers.ts";

/** Where apps and workers of a test meet. */
export interface Place {
  /** The URL of its store. */
  readonly url: string;
  /** An app on the store. */
  app(config?: Config): Lovage;
  /** A worker on this event loop, or elsewhere if its options say so. */
  worker(app: Lovage, options?: WorkerOptions): Promise<Worker>;
}

/** Makes tests that run on every store. */
export function everyStore(): (
  name: string,
  test: (place: Place) => Promise<void>,
) => void {
  const servers = new Servers();
  return (name, test) => {
    for (const kind of ["memory", "sqlite"] as const) {
      Deno.test(`${name} (${kind})`, async () => {
        await using lab = new Lab(kind);
        await test(lab);
      });
    }
    for (const kind of ["redis", "postgres"] as const) {
      Deno.test({
        name: `${name} (${kind})`,
        ignore: whyNoServers !== undefined,
        async fn() {
          await using place = new ServerPlace(
            await (kind === "redis"
              ? servers.newRedis()
              : servers.newPostgres()),
          );
          await test(place);
        },
      });
    }
  };
}

/** A place on a server of a test file. */
export class ServerPlace implements Place, AsyncDisposable {
  readonly url: string;
  readonly #stack = new AsyncDisposableStack();

  constructor(url: string) {
    this.url = url;
  }

  app(config: Config = {}): Lovage {
    return this.#stack.use(
      new Lovage("lab", { brokerUrl: this.url, ...config }),
    );
  }

  async worker(app: Lovage, options: WorkerOptions = {}): Promise<Worker> {
    const worker = await app.worker({ pool: "async", ...options });
    this.#stack.defer(() => worker.stop("cold"));
    return worker;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

/** Tasks that end when they are told to, and who runs at the moment. */
export class Held {
  /** The names of those that run. */
  readonly running = new Set<string>();
  /** The most that have run at a time. */
  most = 0;
  readonly #gates = new Map<string, PromiseWithResolvers<void>>();

  /** What such a task does. */
  readonly task = async (name: string): Promise<string> => {
    this.running.add(name);
    this.most = Math.max(this.most, this.running.size);
    await this.#gate(name).promise;
    this.running.delete(name);
    return name;
  };

  /** Lets tasks of these names end, now or later. */
  release(...names: readonly string[]): void {
    for (const name of names) this.#gate(name).resolve();
  }

  #gate(name: string): PromiseWithResolvers<void> {
    const gate = this.#gates.get(name) ?? Promise.withResolvers<void>();
    this.#gates.set(name, gate);
    return gate;
  }
}
