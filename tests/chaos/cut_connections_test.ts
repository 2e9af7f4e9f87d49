/**
 * Connections that are cut, one at a time and all at once, while tasks flow.
 *
 * @module
 */

import { Flow, TASKS } from "./fixtures/flow.ts";
import { reached } from "./fixtures/reached.ts";
import { onEachServer } from "./fixtures/servers.ts";

const CUTS = 20;

onEachServer("twenty cuts lose nothing and double nothing", async (server) => {
  await using flow = await Flow.on(server);
  flow.worker("a@chaos");
  flow.worker("b@chaos");
  flow.send();
  for (let cut = 1; cut <= CUTS; cut++) {
    await flow.executed((cut - Math.random()) * TASKS / (CUTS + 1));
    // Just after the last one, nobody may be connected yet.
    const which = cut % 4 === 0 ? "all" : "one";
    await reached(() => server.cut(which), 1, "connections to cut");
  }
  await flow.settled();
});
