/**
 * The HTTP gateway: tasks are sent, and results fetched, by those who cannot
 * reach the store, with tokens that say which tasks and queues they are for.
 *
 * @example In a server of your own
 * ```ts
 * import { Lovage } from "@lovage/lovage";
 * import { gateway } from "@lovage/lovage/gateway/server";
 * import { assertEquals } from "@std/assert";
 *
 * await using app = new Lovage("shop", { brokerUrl: "memory://" });
 * const handler = gateway(app, {
 *   tokens: [{ name: "storefront", token: crypto.randomUUID() }],
 * });
 * // Deno.serve(handler), or hono.mount("/tasks", handler)
 * const health = await handler(new Request("http://localhost/healthz"));
 * assertEquals(health.status, 200);
 * ```
 *
 * @module
 */

export { gateway, type GatewayHandler } from "./gateway.ts";
export type { GatewayOptions, GatewayToken } from "./options.ts";
