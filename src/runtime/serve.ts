/**
 * Serves HTTP from this process.
 *
 * @module
 */

/** A server that runs. */
export interface HttpServer {
  /** Where it listens: `http://127.0.0.1:5555`. */
  readonly url: string;
  /** Ends open connections and listens no more. */
  stop(): Promise<void>;
}

/**
 * Serves until it is stopped.
 *
 * @throws {Error} when the address cannot be listened on
 */
export function serveHttp(
  { hostname, port }: { readonly hostname: string; readonly port: number },
  handler: (request: Request) => Promise<Response>,
): HttpServer {
  const controller = new AbortController();
  const server = Deno.serve({
    hostname,
    port,
    signal: controller.signal,
    onListen: () => {},
  }, (request) => handler(request));
  const { addr } = server;
  const host = addr.hostname.includes(":")
    ? `[${addr.hostname}]`
    : addr.hostname;
  return {
    url: `http://${host}:${addr.port}`,
    stop: async () => {
      controller.abort();
      await server.finished;
    },
  };
}
