/**
 * A port on which a worker tells probes how it is doing.
 *
 * @module
 */

import type { HttpServer } from "../runtime/serve.ts";
import type { WorkerHealth } from "../worker/health.ts";
import { UsageError } from "./errors.ts";
import { listen } from "./serving.ts";

/** Where it listens, as it was given. */
export interface HealthFlags {
  /** The port; without it nothing listens. */
  readonly healthPort?: number;
  /** The address. @default {"127.0.0.1"} */
  readonly healthAddress?: string;
}

/**
 * How a worker is that has not started. It may be waiting for its store, which
 * a restart does not bring back.
 */
function starting(waitsFor: string | null): WorkerHealth {
  const idle = "The worker has not started yet";
  return { ill: null, idle: waitsFor === null ? idle : `${idle}: ${waitsFor}` };
}

/** Answers `/healthz` and `/readyz` for as long as a worker runs. */
export class HealthPort {
  #server: HttpServer | null = null;
  #worker: { readonly health: WorkerHealth } | null = null;
  #waitsFor: string | null = null;

  /**
   * Listens, where that is asked for.
   *
   * @throws {UsageError} for an address without a port
   * @throws {CliError} when that cannot be listened on
   */
  static async open(
    { healthPort, healthAddress }: HealthFlags,
  ): Promise<HealthPort | null> {
    if (healthPort !== undefined) {
      const health = new HealthPort();
      await health.#listen(healthAddress ?? "127.0.0.1", healthPort);
      return health;
    }
    if (healthAddress === undefined) return null;
    throw new UsageError(
      `--health-address ${healthAddress} is of no use without a port: give --health-port as well`,
    );
  }

  /** Where it listens. */
  get url(): string | null {
    return this.#server?.url ?? null;
  }

  /** Tells why the worker has not started yet, should that be known. */
  waits(why: string | null): void {
    this.#waitsFor = why;
  }

  /** Tells of this worker, which has started. */
  watch(worker: { readonly health: WorkerHealth }): void {
    this.#worker = worker;
  }

  /** Listens no more. */
  async close(): Promise<void> {
    await this.#server?.stop();
  }

  async #listen(address: string, port: number): Promise<void> {
    this.#server = await listen(
      { address, port },
      (request) => Promise.resolve(this.#answer(request)),
      "--health-port or --health-address",
    );
  }

  #answer({ method, url }: Request): Response {
    const path = new URL(url).pathname;
    if (path !== "/healthz" && path !== "/readyz") {
      return text(404, "Ask for /healthz or /readyz");
    }
    if (method !== "GET" && method !== "HEAD") {
      return text(405, "Ask by GET or HEAD", { allow: "GET, HEAD" });
    }
    const health = this.#worker?.health ?? starting(this.#waitsFor);
    const trouble = path === "/healthz" ? health.ill : health.idle;
    return trouble === null ? text(200, "ok") : text(503, trouble);
  }
}

function text(
  status: number,
  sentence: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(`${sentence}\n`, {
    status,
    headers: {
      "content-type": "text/plain; charset=utf-8",
      "cache-control": "no-store",
      ...headers,
    },
  });
}
