/** How often workers tell those who watch that they live, or not at all. */

import { assertEquals } from "@std/assert";
import { Workplace } from "./fixtures/processes.ts";

Deno.test("a worker without heartbeats sends none, beside one that does", async () => {
  await using place = new Workplace();
  await place.worker("-n", "mute@box", "-E", "--without-heartbeat");
  const watcher = place.launch(
    ...["events", "--broker", "sqlite://./q.db", "--json"],
  );
  await place.worker("-n", "loud@box", "-E", "--heartbeat-interval", "100ms");
  const beats = (hostname: string) =>
    new RegExp(`"type":"worker-heartbeat".*"hostname":"${hostname}"`);
  await watcher.lines(beats("loud@box"), 30);
  assertEquals(
    watcher.stdout.filter((line) => beats("mute@box").test(line)),
    [],
  );
});
