/**
 * A dashboard in a process of its own; says its port when it is there.
 *
 * @module
 */

import { Lovage } from "@lovage/lovage";
import { dashboard } from "@lovage/lovage/dashboard";

const app = new Lovage("bench", { brokerUrl: Deno.env.get("BENCH_URL") });

Deno.serve({
  port: 0,
  onListen: ({ port }) => console.log(JSON.stringify({ port })),
}, dashboard(app, { unauthenticated: true }));
