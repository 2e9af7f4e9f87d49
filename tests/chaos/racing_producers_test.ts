/**
 * Producers that send tasks of the same ids at the same time.
 *
 * @module
 */

import { Flow, TASKS } from "./fixtures/flow.ts";
import { onEachServer } from "./fixtures/servers.ts";

onEachServer(
  "ten producers that race for an id send one task",
  async (server) => {
    await using flow = await Flow.on(server, TASKS / 20);
    await flow.race(10);
    flow.worker("a@chaos");
    flow.worker("b@chaos");
    await flow.settled();
  },
);
