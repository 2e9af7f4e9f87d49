import { assert, assertEquals, assertMatch } from "@std/assert";
import type { CheckReport } from "@lovage/lovage";
import { ownApp } from "./fixtures/own_app.ts";
import { Workplace } from "./fixtures/processes.ts";

Deno.test("check exits with 1 for problems, with --strict for warnings", async () => {
  await using place = new Workplace();
  await place.lovage("call", "math.add", "-a", "[1, 2]");
  const nobody = await place.lovage("check");
  assertEquals(nobody.code, 1);
  assertMatch(
    nobody.stdout,
    /^Problems\n {2}workers: No worker is alive\n {4}-> lovage worker$/m,
  );
  assertMatch(nobody.stdout, /^Fine\n {2}eager: /m);
  assertMatch(nobody.stdout, /^\d problems, \d warnings?$/m);

  await place.worker("-Q", "default,billing");
  const warned = await place.lovage("check", "--json");
  assertEquals(warned.code, 0);
  const { ok, findings }: CheckReport = JSON.parse(warned.stdout);
  assert(ok);
  assertEquals(
    findings.filter(({ level }) => level !== "ok").map(({ check, level }) =>
      `${check} ${level}`
    ),
    ["timeLimits warning"],
  );
  assertEquals((await place.lovage("check", "--strict")).code, 1);

  const stores = await place.bare(
    ...["check", "--strict", "--broker", "sqlite://./q.db"],
  );
  assertEquals(stores.code, 0);
  assert(!stores.stdout.includes("timeLimits"));
  assertMatch(stores.stderr, /Settings and tasks were not looked at/);
});

Deno.test("check sees the settings of the app", async () => {
  await using place = new Workplace();
  await place.lovage("call", "math.add", "-a", "[1, 2]");
  const app = ownApp(
    place,
    `{ brokerUrl: "sqlite://./q.db", resultExpires: null, taskAlwaysEager: true }`,
  );
  const { stdout, code } = await place.bare("check", "--app", app);
  assertEquals(code, 1);
  assertMatch(stdout, /^ {2}eager: Tasks run at the call/m);
  assertMatch(stdout, /^ {2}resultExpires: Results are kept for ever/m);
});
