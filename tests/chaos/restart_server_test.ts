/**
 * Servers that crash and come back while tasks flow.
 *
 * @module
 */

import { Flow, TASKS } from "./fixtures/flow.ts";
import { onEachServer } from "./fixtures/servers.ts";

const CRASHES = 3;

onEachServer("a server that crashes has lost nothing", async (server) => {
  await using flow = await Flow.on(server);
  flow.worker("a@chaos");
  flow.worker("b@chaos");
  flow.send();
  for (let crash = 1; crash <= CRASHES; crash++) {
    await flow.executed(crash * TASKS / (CRASHES + 1));
    await server.crash();
    await server.start();
  }
  await flow.settled();
});
