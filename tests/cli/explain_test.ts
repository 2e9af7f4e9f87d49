import { assertEquals, assertMatch } from "@std/assert";
import { Workplace } from "./fixtures/processes.ts";

const BROKER = ["--broker", "sqlite://./q.db"];

Deno.test("explain says why a task waits, runs and has failed", async () => {
  await using place = new Workplace();
  const { stdout: charge } = await place.lovage(
    ...["call", "billing.charge", "-a", "[7]"],
  );
  const { stdout: hold } = await place.lovage(
    ...["call", "hold", "-a", '["gate"]'],
  );
  const worker = await place.worker("-n", "w@one");
  await worker.line(/holding gate/);

  const waits = await place.bare("explain", charge.trim(), ...BROKER);
  assertEquals(waits.code, 0);
  assertMatch(waits.stdout, /^billing\.charge {2}\S+ {2}PENDING$/m);
  assertMatch(waits.stdout, /^- No live worker serves queue "billing"$/m);
  assertMatch(waits.stdout, /^Try:\n {2}lovage worker --queues billing$/m);

  // Its answer comes from another process.
  const runs = await place.lovage("explain", hold.trim(), "--json");
  assertEquals(runs.code, 0);
  const { id, task, state, where, sentences, cures } = JSON.parse(runs.stdout);
  assertEquals([id, task, state, where], [
    hold.trim(),
    "hold",
    "RECEIVED",
    "held",
  ]);
  assertMatch(
    sentences[0],
    /^It runs in worker w@one, since \S+Z .*, as process \d+$/,
  );
  assertEquals(cures, []);
  place.release("gate");

  await place.worker("-Q", "billing", "-n", "w@two");
  await place.lovage("result", charge.trim(), "--wait", "20s");
  const failed = await place.lovage("explain", charge.trim());
  assertEquals(failed.code, 0);
  assertMatch(failed.stdout, /^- It has failed .*RangeError: 7 owes nothing$/m);
});

Deno.test("explain exits with 1 when nothing is known", async () => {
  await using place = new Workplace();
  await place.lovage("call", "math.add", "-a", "[1, 2]");
  const unknown = await place.bare("explain", "order-7", ...BROKER);
  assertEquals(unknown.code, 1);
  assertMatch(unknown.stdout, /^Unknown task {2}order-7$/m);
  assertMatch(unknown.stdout, /^- No task of this id waits or runs in sqlite/m);
  const none = await place.bare("explain", ...BROKER);
  assertEquals(none.code, 2);
});
