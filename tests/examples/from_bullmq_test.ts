/**
 * The port of a BullMQ project, on SQLite.
 */

import { assertEquals } from "@std/assert";
import { internalsOf } from "../../src/internals.ts";
import { app } from "../../examples/from_bullmq/tasks.ts";
import {
  album,
  everyMorning,
  greet,
  greetAll,
} from "../../examples/from_bullmq/producer.ts";

Deno.test("from BullMQ: delays, ids, bulk, flows, schedulers", async () => {
  const path = await Deno.makeTempDir({ prefix: "lovage-bullmq-" });
  app.configure({ brokerUrl: `sqlite://${path}/q.db` });
  try {
    const [first, again] = [await greet("ann"), await greet("ann")];
    assertEquals(first.id, again.id);
    const { broker } = await internalsOf(app).stores.open();
    const [waits] = await broker.inspector.find([first.id]);
    assertEquals([waits?.queue, waits?.priority], ["mail", 2]);

    await greetAll(["ben", "cy"]);
    await everyMorning("ann");
    assertEquals((await app.schedules.get("digest-ann"))?.enabled, true);

    const worker = await app.worker({ pool: "async" });
    const made = await album("summer", ["a.png", "b.png"]);
    assertEquals(
      await made.get({ timeout: "10s" }),
      "summer: a.png@640, b.png@640",
    );
    await worker.stop();
  } finally {
    await app.close();
    await Deno.remove(path, { recursive: true });
  }
});
