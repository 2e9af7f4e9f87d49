/**
 * What an open dashboard costs the workers: 100,000 tasks that do nothing and
 * store no result are drained while somebody looks at it (a stream is open, and
 * the overview is fetched each second), and while nobody does, in turns:
 * `deno run -A bench/dashboard_cost.ts postgres [pairs] [tasks]`.
 *
 * @module
 */

import { lovage } from "./contestants/lovage.ts";
import { drain, type Drained } from "./measures/draining.ts";
import { pathOf } from "./contestants/contestant.ts";
import { Driver } from "./processes.ts";
import { type BenchServer, startServer, type StoreName } from "./servers.ts";

const [store = "postgres", pairs = "3", tasks = "100000"] = Deno.args;

/** Looks at a dashboard as a browser does, until it is disposed. */
class Viewer implements AsyncDisposable {
  /** How often the overview was fetched. */
  looks = 0;
  readonly #driver: Driver;
  readonly #stop = new AbortController();
  #looking: Promise<unknown> = Promise.resolve();

  constructor(url: string) {
    const found = Promise.withResolvers<number>();
    this.#driver = new Driver({
      program: Deno.execPath(),
      args: ["run", "-A", pathOf("drivers/lovage_dashboard.ts")],
      env: { BENCH_URL: url },
    }, ({ port }) => {
      if (typeof port === "number") found.resolve(port);
    });
    this.#looking = found.promise.then((port) => {
      const base = `http://127.0.0.1:${port}/api/v1`;
      return Promise.all([this.#stream(base), this.#overview(base)]);
    }).catch((error) => {
      if (!this.#stop.signal.aborted) throw error;
    });
  }

  async #stream(base: string): Promise<void> {
    const { signal } = this.#stop;
    const { body } = await fetch(`${base}/stream`, { signal });
    for await (const _ of body ?? []);
  }

  async #overview(base: string): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const next = new Promise((resolve) => setTimeout(resolve, 1_000));
      await (await fetch(`${base}/overview`, { signal })).text();
      this.looks++;
      await next;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#driver[Symbol.asyncDispose]();
    await this.#looking.catch(() => {});
  }
}

async function one(server: BenchServer, watched: boolean): Promise<Drained> {
  const url = await server.fresh();
  const queued = Number(tasks);
  const options = {
    ...{ contestant: lovage(server.store), server, url, queued },
    ...{ warm: Math.ceil(queued / 10), variant: "async", results: false },
  };
  if (!watched) return await drain(options);
  await using viewer = new Viewer(url);
  const drained = await drain(options);
  if (viewer.looks === 0) throw new Error("Nobody has looked");
  return drained;
}

const server = await startServer(store as StoreName);
try {
  const costs: number[] = [];
  for (let pair = 0; pair < Number(pairs); pair++) {
    const rates: Record<string, number> = {};
    for (const watched of pair % 2 === 0 ? [true, false] : [false, true]) {
      const { rate, workerCpu, serverCpu } = await one(server, watched);
      rates[String(watched)] = rate;
      console.log(
        `${watched ? "watched  " : "unwatched"} ${Math.round(rate)} /s, ` +
          `CPU s per 10,000: worker ${workerCpu.toFixed(2)}, ` +
          `server ${serverCpu.toFixed(2)}`,
      );
    }
    costs.push((1 - (rates["true"] ?? 0) / (rates["false"] ?? 1)) * 100);
  }
  const each = costs.map((cost) => cost.toFixed(1)).join(", ");
  const mean = costs.reduce((sum, cost) => sum + cost, 0) / costs.length;
  console.log(`It costs ${mean.toFixed(1)} % (${each})`);
} finally {
  await server.stop();
}
