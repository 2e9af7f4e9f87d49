/**
 * The dashboard as a fetch handler.
 *
 * @module
 */

import { Hono } from "hono";
import type { Lovage } from "../app.ts";
import { internalsOf } from "../internals.ts";
import { actionRoutes } from "./actions/routes.ts";
import { apiRoutes } from "./api/routes.ts";
import type { DashboardContext, DashboardEnv } from "./context.ts";
import { createData } from "./data/data.ts";
import { explainError, nothingHere } from "./failure.ts";
import { readNotice } from "./notice.ts";
import {
  type DashboardOptions,
  type ResolvedOptions,
  resolveOptions,
} from "./options.ts";
import { pageRoutes } from "./pages/routes.tsx";
import { authenticate, readOnly } from "./security/authenticate.ts";
import { securityHeaders } from "./security/headers.ts";
import { bodyLimits, requestLimits } from "./security/limits.ts";
import { sameOrigin } from "./security/same_origin.ts";
import { Trouble } from "./trouble.ts";

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
  const context = contextOf(app, resolveOptions(options));
  const { urlPrefix } = context.options;
  const router = routerOf(context);
  const answer = async (request: Request): Promise<Response> =>
    await router.fetch(withoutPrefix(request, urlPrefix));
  const close = async (): Promise<void> => {
    await context.closing.close();
  };
  return Object.assign((request: Request) => answer(request), {
    fetch: answer,
    close,
    [Symbol.asyncDispose]: close,
  });
}

function contextOf(app: Lovage, options: ResolvedOptions): DashboardContext {
  const internals = internalsOf(app);
  const clock = internals.clock();
  const base = {
    app,
    internals,
    options,
    closing: new Closing(),
    trouble: new Trouble(),
    stores: async () =>
      internals.stores.opened ?? await internals.stores.open(),
    now: () => clock.now(),
    url: (path: string) => `${options.urlPrefix}${path}`,
  };
  return { ...base, data: createData(base) };
}

/** What ends with the dashboard. */
class Closing {
  readonly #ends = new Set<() => void | Promise<void>>();

  add(end: () => void | Promise<void>): () => void {
    this.#ends.add(end);
    return () => this.#ends.delete(end);
  }

  async close(): Promise<void> {
    const ends = [...this.#ends];
    this.#ends.clear();
    await Promise.all(ends.map((end) => end()));
  }
}

function routerOf(context: DashboardContext): Hono<DashboardEnv> {
  const { options } = context;
  const router = new Hono<DashboardEnv>();
  router.use(securityHeaders());
  router.use(requestLimits(options.hosts));
  router.use(authenticate(options));
  router.use(sameOrigin(options.trustedOrigins, isApi));
  router.use(readOnly());
  router.use(bodyLimits());
  router.use(readNotice(context));
  router.route("/", apiRoutes(context));
  router.route("/", actionRoutes(context));
  router.route("/", pageRoutes(context));
  router.notFound((c) => nothingHere(context, c));
  router.onError((error, c) => explainError(context, error, c));
  return router;
}

function isApi(path: string): boolean {
  return path.startsWith("/api/");
}

/** Whoever mounts a handler may have taken the prefix away, or not. */
function withoutPrefix(request: Request, prefix: string): Request {
  if (prefix === "") return request;
  const url = new URL(request.url);
  if (url.pathname !== prefix && !url.pathname.startsWith(`${prefix}/`)) {
    return request;
  }
  url.pathname = url.pathname.slice(prefix.length) || "/";
  return new Request(url, request);
}
