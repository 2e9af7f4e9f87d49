/**
 * Servers that stand still for a while, with open connections, while tasks
 * flow.
 *
 * @module
 */

import { assert } from "@std/assert";
import { Flow, TASKS } from "./fixtures/flow.ts";
import { onEachServer } from "./fixtures/servers.ts";

/** In ms. */
const PAUSE = 10_000;
/** After the pause tasks are to run again within this, in ms. */
const RECOVERY = 6_000;

onEachServer("a server that stands still loses nothing", async (server) => {
  await using flow = await Flow.on(server);
  flow.worker("a@chaos");
  flow.worker("b@chaos");
  flow.send();
  await flow.executed(TASKS / 3);
  await server.freeze();
  await new Promise((resolve) => setTimeout(resolve, PAUSE));
  const before = (await flow.runs()).length;
  assert(before < TASKS / 2, "the server did not stand still");
  await server.thaw();
  const start = performance.now();
  await flow.executed(before + TASKS / 20);
  const took = performance.now() - start;
  assert(took < RECOVERY, `It took ${took} ms until tasks ran again`);
  await flow.settled();
});
