/**
 * The gateway as a fetch handler: HTTP for those who cannot reach the store.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import type { Operation, Refusal } from "../../adapters/gateway/protocol.ts";
import { DecodeError, StoreError } from "../errors.ts";
import { type Internals, internalsOf } from "../internals.ts";
import { OPERATIONS } from "./operations.ts";
import {
  type GatewayOptions,
  type ResolvedGatewayOptions,
  resolveOptions,
} from "./options.ts";
import { Refused } from "./refused.ts";
import { Tokens } from "./tokens.ts";

const log = getLogger(["lovage", "gateway"]);

/** Answers requests. */
export type GatewayHandler = (request: Request) => Promise<Response>;

/**
 * Makes a gateway to the stores of an app: a handler for `Deno.serve()`, Hono,
 * Fresh and others that know `Request` and `Response`.
 *
 * ```ts
 * import { Lovage } from "@lovage/lovage";
 * import { gateway } from "@lovage/lovage/gateway/server";
 *
 * await using app = new Lovage("shop", { brokerUrl: "memory://" });
 * const handler = gateway(app, {
 *   tokens: [{
 *     name: "storefront",
 *     token: crypto.randomUUID(),
 *     tasks: ["orders.*"],
 *   }],
 * });
 * const response = await handler(new Request("http://localhost/v1/hello"));
 * console.assert(response.status === 405);
 * ```
 *
 * @throws {ConfigError} for options that will not do
 */
export function gateway(app: object, options: GatewayOptions): GatewayHandler {
  const resolved = resolveOptions(options);
  const internals = internalsOf(app);
  const tokens = new Tokens(resolved.tokens);
  return async (request) => {
    const headers = crossOrigin(request, resolved);
    if (request.method === "OPTIONS") return new Response(null, { headers });
    try {
      const answer = await serve(internals, tokens, resolved, request);
      return typeof answer === "function"
        ? whileHeard(answer as Slow, headers)
        : Response.json(answer, { headers });
    } catch (error) {
      const [status, body] = refusal(error);
      return Response.json(body, { status, headers });
    }
  };
}

/** An answer that takes its time, and that its sender may not wait for. */
type Slow = (signal: AbortSignal) => Promise<unknown>;

/** @returns the answer, or a {@linkcode Slow} one */
async function serve(
  app: Internals,
  tokens: Tokens,
  options: ResolvedGatewayOptions,
  request: Request,
): Promise<unknown> {
  const { pathname } = new URL(request.url);
  if (pathname === `${options.path}/healthz`) return await health(app);
  const prefix = `${options.path}/v1/`;
  const name = pathname.startsWith(prefix) ? pathname.slice(prefix.length) : "";
  if (!Object.hasOwn(OPERATIONS, name)) {
    throw new Refused(
      404,
      `There is nothing at ${pathname}: this gateway serves POST ${prefix}<operation>, with ${
        Object.keys(OPERATIONS).join(", ")
      }`,
    );
  }
  if (request.method !== "POST") {
    throw new Refused(405, `${pathname} takes POST, not ${request.method}`);
  }
  const scope = await tokens.scopeOf(request);
  const body = await readJson(request, options.maxBodySize);
  const operation = OPERATIONS[name as Operation];
  const answer = (signal: AbortSignal): Promise<unknown> =>
    operation(app, { scope, body, signal });
  return name === "wait" ? answer : await answer(NEVER);
}

const NEVER = new AbortController().signal;

/** Answers by a stream: every runtime tells when nobody reads it any more. */
function whileHeard(answer: Slow, headers: Headers): Response {
  const gone = new AbortController();
  const stream = new ReadableStream<Uint8Array>({
    async start(controller) {
      const body = await answer(gone.signal)
        .catch((error: unknown) => refusal(error)[1]);
      if (gone.signal.aborted) return;
      controller.enqueue(new TextEncoder().encode(JSON.stringify(body)));
      controller.close();
    },
    cancel: () => gone.abort(),
  });
  headers.set("content-type", "application/json");
  return new Response(stream, { headers });
}

/** Whether its store answers. */
async function health(app: Internals): Promise<{ readonly status: "ok" }> {
  const { broker } = await app.stores.open();
  await broker.inspector.find([]);
  return { status: "ok" };
}

async function readJson(request: Request, most: number): Promise<unknown> {
  const tooLarge = () =>
    new Refused(413, `A request may have ${most} bytes at most; send less`);
  if (Number(request.headers.get("content-length") ?? 0) > most) {
    throw tooLarge();
  }
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for await (const part of request.body ?? []) {
    if ((size += part.byteLength) > most) throw tooLarge();
    parts.push(part);
  }
  try {
    return JSON.parse(await new Blob(parts).text());
  } catch (cause) {
    throw new Refused(
      400,
      `The request is not JSON: ${(cause as Error).message}`,
    );
  }
}

function crossOrigin(
  request: Request,
  { origins }: ResolvedGatewayOptions,
): Headers {
  const headers = new Headers({ vary: "origin", "cache-control": "no-store" });
  const origin = request.headers.get("origin");
  if (origin === null) return headers;
  if (!origins.includes("*") && !origins.includes(origin)) return headers;
  headers.set("access-control-allow-origin", origin);
  headers.set("access-control-allow-headers", "authorization, content-type");
  headers.set("access-control-allow-methods", "POST");
  headers.set("access-control-max-age", "600");
  return headers;
}

/** The status and the answer to what went wrong. */
function refusal(error: unknown): readonly [status: number, body: Refusal] {
  if (error instanceof Refused) return answer(error.status, error.message);
  if (error instanceof DecodeError) return answer(400, error.message);
  if (error instanceof StoreError) {
    log.error("The store does not answer: {error}", { error });
    // Where the store is, is nobody's business outside.
    return answer(503, "The store behind the gateway does not answer", error);
  }
  log.error("A request failed: {error}", { error });
  return answer(500, "The gateway failed; its log says why", {
    transient: false,
    inDoubt: true,
  });
}

function answer(
  status: number,
  message: string,
  doubt: Pick<StoreError, "transient" | "inDoubt"> = FINAL,
): readonly [status: number, body: Refusal] {
  const { transient, inDoubt } = doubt;
  return [status, { error: { message, transient, inDoubt } }];
}

const FINAL = { transient: false, inDoubt: false };
