/**
 * The dashboard as a fetch handler.
 *
 * @module
 */

import type { Lovage } from "../app.ts";
import { makeContext } from "./make_context.ts";
import { type DashboardOptions, resolveOptions } from "./options.ts";
import { routerOf } from "./router.ts";

/** A fetch handler: for `Deno.serve()`, `hono.mount()`, Fresh and others. */
export interface Dashboard extends AsyncDisposable {
  /** Answers a request; a path may come with or without the prefix. */
  (request: Request): Promise<Response>;
  /** The same, for servers that take an object with a `fetch`. */
  readonly fetch: (request: Request) => Promise<Response>;
  /** Ends live streams. The app stays open: it is yours. */
  close(): Promise<void>;
}

/**
 * Makes the dashboard of an app. Nothing is connected before the first
 * request.
 *
 * @throws {ConfigError} for options that will not do, or when they do not say
 * who may come in
 */
export function dashboard(
  app: Lovage,
  options: DashboardOptions,
): Dashboard {
  const context = makeContext(app, resolveOptions(options));
  const router = routerOf(context);
  const answer = async (request: Request): Promise<Response> =>
    await router.fetch(request);
  const close = async (): Promise<void> => {
    await context.closing.close();
  };
  return Object.assign((request: Request) => answer(request), {
    fetch: answer,
    close,
    [Symbol.asyncDispose]: close,
  });
}
