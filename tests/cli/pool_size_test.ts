/** Pools of real host processes that grow, shrink and are replaced. */

import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
} from "@std/assert";
import { until } from "../_helpers.ts";
import { isAlive } from "../worker/pool/fixtures/processes.ts";
import { Workplace } from "./fixtures/processes.ts";

const TASKS = new URL("./fixtures/tasks.ts", import.meta.url).href;
const HOARDING = new URL("./fixtures/hoarding.ts", import.meta.url).href;
const BROKER = ["--broker", "sqlite://./q.db"];

interface Stats {
  readonly pool: {
    readonly maxConcurrency: number;
    readonly processes: readonly number[];
    readonly maxMemoryPerChild: number | null;
  };
}

async function statsOf(place: Workplace): Promise<Stats> {
  const { stdout } = await place.bare(
    ...["inspect", "stats", "--json", "-t", "20s", ...BROKER],
  );
  return Object.values(JSON.parse(stdout).replies)[0] as Stats;
}

Deno.test("--autoscale: host processes come with the work, and go", async () => {
  await using place = new Workplace();
  const worker = place.launch(
    ...["worker", "--app", TASKS, "--autoscale=3,1", "-n", "one@box"],
  );
  await worker.line(/is ready/);
  assert(
    worker.stdout.includes(
      "pool     isolate, 1 to 3 (autoscale) at a time in up to 3 host processes",
    ),
    worker.stdout.join("\n"),
  );
  assertEquals((await statsOf(place)).pool.maxConcurrency, 1);
  assertMatch(
    (await place.bare("status", ...BROKER)).stdout,
    /^one@box +alive .* isolate x1-3 /m,
  );
  const names = ["a", "b", "c"];
  for (const name of names) {
    await place.lovage("call", "hold", "-a", `["${name}"]`, "--task-id", name);
  }
  for (const name of names) await worker.line(new RegExp(`^holding ${name}$`));
  const { pool } = await statsOf(place);
  assertEquals(pool.maxConcurrency, 3);
  assert(pool.processes.length >= 3 && pool.processes.every(isAlive));

  const order = ["control", "autoscale", "1", "-t", "20s", ...BROKER];
  const shrunk = await place.bare(...order);
  assertEquals([shrunk.code, shrunk.stdout], [
    0,
    "WORKER   DONE\none@box  It runs 1 to 1 tasks at a time now, as many as there are\n",
  ]);
  // What runs in the slots that go comes to its end first.
  for (const name of names) {
    place.release(name);
    const ended = await place.lovage("result", name, "--wait", "20s");
    assertMatch(ended.stdout, new RegExp(`^result +released ${name}$`, "m"));
  }
  await until(
    () => pool.processes.filter(isAlive).length <= 2,
    "the hosts of the slots to end",
  );
  worker.kill("SIGTERM");
  assertEquals((await worker.status()).code, 0);
});

Deno.test("--autoscale and --concurrency exclude each other, and 0 is no range", async () => {
  await using place = new Workplace();
  const both = await place.lovage("worker", "-c", "2", "--autoscale", "4");
  assertEquals(both.code, 2);
  assertMatch(both.stderr, /give one of them/);
  for (const range of ["0", "3,0", "many", "1,2,3"]) {
    const { code, stderr } = await place.lovage("worker", "--autoscale", range);
    assertEquals(code, 2);
    assertMatch(
      stderr,
      /^Error: --autoscale must be two numbers of at least 1/,
    );
  }
});

Deno.test("--max-memory-per-child: a host that holds more is replaced", async () => {
  await using place = new Workplace();
  const worker = place.launch(
    ...["worker", "--app", HOARDING, "-c", "1", "--max-memory-per-child"],
    "200MB",
  );
  await worker.line(/is ready/);
  assertEquals((await statsOf(place)).pool.maxMemoryPerChild, 200 * 2 ** 20);
  const hoard = async (megabytes: number) => {
    const { stdout } = await place.bare(
      ...["call", "hoard", "-a", `[${megabytes}]`, "--wait", "20s", ...BROKER],
    );
    return Number(stdout);
  };
  const first = await hoard(1);
  assertEquals(await hoard(1), first);
  // The one that crosses the bound ends well.
  assertEquals(await hoard(200), first);
  const next = await hoard(1);
  assertNotEquals(next, first);
  await until(() => !isAlive(first), "the host that held too much to end");
  worker.kill("SIGTERM");
  assertEquals((await worker.status()).code, 0);
});
