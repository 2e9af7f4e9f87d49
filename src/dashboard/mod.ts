/**
 * The dashboard: what an operator opens to see tasks, queues, workers and
 * schedules, and to act on them. A fetch handler, to be mounted anywhere; the
 * command `lovage dashboard` serves it by itself.
 *
 * @example In a server of your own
 * ```ts
 * import { Lovage } from "@lovage/lovage";
 * import { dashboard } from "@lovage/lovage/dashboard";
 * import { assertEquals } from "@std/assert";
 *
 * await using app = new Lovage("shop", { brokerUrl: "memory://" });
 * await using ops = dashboard(app, {
 *   urlPrefix: "/ops",
 *   basicAuth: { admin: "correct horse battery staple" },
 * });
 * // Deno.serve(ops), or hono.mount("/ops", ops)
 * const response = await ops(new Request("http://localhost/ops/"));
 * assertEquals(response.status, 401);
 * ```
 *
 * @module
 */

export * from "./dashboard.ts";
export type { Authorization, DashboardOptions, Viewer } from "./options.ts";
