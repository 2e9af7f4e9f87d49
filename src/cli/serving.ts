/**
 * What commands that serve HTTP have in common.
 *
 * @module
 */

import { type HttpServer, serveHttp } from "../runtime/serve.ts";
import { onStopSignal } from "../runtime/signals.ts";
import { CliError } from "./errors.ts";
import { ExitCode } from "./exit_code.ts";

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

/** Resolves when the process is told to stop. */
export async function stopSignal(): Promise<void> {
  const stopped = Promise.withResolvers<void>();
  const restore = onStopSignal(() => stopped.resolve());
  await stopped.promise;
  restore();
}
