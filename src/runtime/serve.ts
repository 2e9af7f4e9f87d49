/**
 * Serves HTTP from this process, by what the runtime serves with.
 *
 * @module
 */

import { isBun, isDeno } from "./process.ts";

/** A server that runs. */
export interface HttpServer {
  /** Where it listens: `http://127.0.0.1:5555`. */
  readonly url: string;
  /** Ends open connections and listens no more. */
  stop(): Promise<void>;
}

/** Where to listen. */
interface Place {
  readonly hostname: string;
  readonly port: number;
}

type Handler = (request: Request) => Promise<Response>;

/**
 * Serves until it is stopped.
 *
 * @throws {Error} when the address cannot be listened on
 */
export async function serveHttp(
  place: Place,
  handler: Handler,
): Promise<HttpServer> {
  if (isDeno()) return serveByDeno(place, handler);
  return isBun()
    ? serveByBun(place, handler)
    : await serveByNode(place, handler);
}

function serveByDeno(place: Place, handler: Handler): HttpServer {
  const controller = new AbortController();
  const server = Deno.serve({
    ...place,
    signal: controller.signal,
    onListen: () => {},
  }, (request) => handler(request));
  const { hostname, port } = server.addr;
  return {
    url: urlOf(hostname, port),
    stop: async () => {
      controller.abort();
      await server.finished;
    },
  };
}

/** What is used of `Bun`. */
interface BunGlobal {
  serve(options: Place & { idleTimeout: number; fetch: Handler }): {
    readonly port: number;
    stop(closeConnections: boolean): Promise<void>;
  };
}

function serveByBun(place: Place, handler: Handler): HttpServer {
  const { Bun } = globalThis as unknown as { readonly Bun: BunGlobal };
  // Events are silent for long.
  const server = Bun.serve({ ...place, idleTimeout: 0, fetch: handler });
  return {
    url: urlOf(place.hostname, server.port),
    stop: () => server.stop(true),
  };
}

async function serveByNode(
  { hostname, port }: Place,
  handler: Handler,
): Promise<HttpServer> {
  const [{ createServer }, { getRequestListener }] = await Promise.all([
    import("node:http"),
    import("@hono/node-server"),
  ]);
  const server = createServer(
    getRequestListener(handler, { overrideGlobalObjects: false }),
  );
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(port, hostname, resolve);
  await promise;
  const address = server.address() as { readonly port: number };
  return {
    url: urlOf(hostname, address.port),
    stop: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function urlOf(hostname: string, port: number): string {
  return `http://${
    hostname.includes(":") ? `[${hostname}]` : hostname
  }:${port}`;
}
