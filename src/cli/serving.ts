/**
 * What commands that serve HTTP have in common.
 *
 * @module
 */

import type { Internals } from "../internals.ts";
import { type OnWait, reach } from "../producer/reach_stores.ts";
import { type HttpServer, serveHttp } from "../runtime/serve.ts";
import { onStopSignal } from "../runtime/signals.ts";
import type { Cli } from "./cli.ts";
import { CliError } from "./errors.ts";
import { ExitCode } from "./exit_code.ts";
import type { Output } from "./output.ts";

/**
 * Listens where the flags say.
 *
 * @param flags how the flags are called
 * @throws {CliError} when that cannot be done
 */
export async function listen(
  { address, port }: { readonly address: string; readonly port: number },
  handler: (request: Request) => Promise<Response>,
  flags = "--port or --address",
): Promise<HttpServer> {
  const hostname = address.replace(/^\[|\]$/g, "");
  try {
    return await serveHttp({ hostname, port }, handler);
  } catch (error) {
    throw new CliError(
      `Cannot listen on ${address}, port ${port}: ${
        error instanceof Error ? error.message : error
      }. Choose another with ${flags}`,
      ExitCode.Failure,
    );
  }
}

/** What is served, and what it takes. */
export interface Served {
  /** Whose settings say how long a store is waited for. */
  readonly internals: Internals;
  /** Opens the stores. */
  open(): Promise<unknown>;
  /** Begins to listen. */
  listen(): Promise<HttpServer>;
  /** Says where it is. */
  announce(url: string): void;
  /** Ends what would go on for as long as somebody listens. */
  end?(): Promise<void>;
}

/**
 * Serves until the process is told to stop. A store that is away is waited
 * for, as a worker does: who starts all at once need not know the order.
 *
 * @returns whether it has served at all
 */
export async function serveUntilStopped(
  { out }: Cli,
  served: Served,
): Promise<boolean> {
  const { signal, restore } = untilStopped();
  const stopped = new Promise((resolve) =>
    signal.addEventListener("abort", resolve)
  );
  try {
    const waits = waiting(out);
    await reach(served.internals, "The store", served.open, signal, waits);
    const server = await served.listen();
    // Who reads that it is there may tell it to stop at once.
    served.announce(server.url);
    await stopped;
    await served.end?.();
    await server.stop();
    return true;
  } catch (error) {
    if (signal.aborted && error === signal.reason) return false;
    throw error;
  } finally {
    restore();
  }
}

/** Aborts at the first signal; the next one ends the process. */
function untilStopped(): { signal: AbortSignal; restore: () => void } {
  const stop = new AbortController();
  const restore = onStopSignal(() => {
    restore();
    stop.abort();
  });
  return { signal: stop.signal, restore };
}

/** Says once why it waits, however often it tries. */
function waiting(out: Output): OnWait {
  let said: string | null = null;
  return (why) => {
    if (why === said) return;
    said = why;
    if (why === null) return;
    out.tell(
      { event: "waiting", why },
      () => `${why}. Waiting for it; stop with Ctrl-C or TERM`,
    );
  };
}
